import { placesToLookAt } from '../../directives/known-places.ts';
import { openRoot } from '../../paths/root.ts';
import { describeFiles } from '../../profile/describe-files.ts';
import { Gatherer } from '../../profile/gather.ts';
import { mergeProfiles } from '../../profile/merge.ts';
import { failureOf, succeeded } from '../../profile/outcome.ts';
import type { Profile } from '../../profile/profile.ts';
import { architectureOf } from '../../syscall-groups/architectures.ts';
import type { Syscall, TraceEvent } from '../../trace/event.ts';
import { readLog } from '../../trace/open-log.ts';
import { callSubject } from './call-subject.ts';
import { type Command, UnitTasks } from './unit-tasks.ts';

/** A call that failed, or would have done had it not killed its process. */
export interface Refused {
  call: string;
  /** What it was about: see `callSubject`. */
  subject: string;
  /** `SIGSYS` where it killed. */
  errno: string;
  count: number;
}

/** What a unit did while it was watched. */
export interface Watched {
  profile: Profile;
  /** By call, subject and errno. */
  failures: Map<string, Refused>;
  /** Call and subject of what worked. */
  successes: Set<string>;
  /** Numbers of the calls that killed, by name: a filter leaves the number in the register that holds results. */
  killedBy: Map<number, string>;
}

export interface WatchedUnit {
  unit: string;
  /** The process of the service manager. */
  manager: number;
  log: string;
  /** The file system on which it runs. */
  root: string;
  /** WorkingDirectory=, `/` where there is none. */
  directory: string;
}

/** Reads a trace of the service manager: of all its children those that are of one unit, from where they run its programs. */
export async function readWatch({ unit, manager, log, root, directory }: WatchedUnit): Promise<Watched> {
  const tasks = new UnitTasks(unit, manager);
  await readLog(log, (event) => tasks.sees(event));
  const source = `${unit} as it was tried`;
  const gatherers = new Map<Command, Gatherer>();
  const outcomes = new Outcomes();
  for (const { refused } of tasks.commands.values()) for (const call of refused) outcomes.call(call);
  const reading = await readLog(log, (event) => {
    const command = tasks.of(event);
    if (command === undefined) return;
    outcomes.sees(event);
    let gatherer = gatherers.get(command);
    if (gatherer === undefined) {
      gatherer = gathererOf(command, source, directory);
      gatherers.set(command, gatherer);
    }
    gatherer.event(event, source);
  });
  const profile = mergeProfiles([...gatherers.values()].map((gatherer) => gatherer.finish(reading.tally)));
  profile.files = describeFiles(profile, openRoot(root), placesToLookAt());
  const { failures, successes, killedBy } = outcomes;
  return { profile, failures, successes, killedBy };
}

function gathererOf({ pid, uid, gid }: Command, source: string, directory: string): Gatherer {
  return new Gatherer({
    source,
    how: 'traced',
    architecture: architectureOf(process.arch),
    uid,
    gid,
    inherited: (task) =>
      task === pid ? { current: directory, root: '/', descriptors: new Map() } : undefined,
  });
}

/** How calls ended. */
class Outcomes {
  readonly failures = new Map<string, Refused>();
  readonly successes = new Set<string>();
  readonly killedBy = new Map<number, string>();
  readonly #last = new Map<number, Syscall>();

  sees(event: TraceEvent): void {
    if (event.kind === 'call') {
      this.#last.set(event.pid, event);
      this.call(event);
    } else if (event.kind === 'exit') {
      const last = this.#last.get(event.pid);
      this.#last.delete(event.pid);
      if (event.signal !== 'SIGSYS' || last === undefined) return;
      this.#fails(last, 'SIGSYS');
      if (last.result.number !== undefined) this.killedBy.set(last.result.number, last.name);
    }
  }

  call(call: Syscall): void {
    const errno = failureOf(call);
    if (errno !== undefined) this.#fails(call, errno);
    else if (succeeded(call)) this.successes.add(`${call.name}\n${callSubject(call)}`);
  }

  #fails(call: Syscall, errno: string): void {
    const subject = callSubject(call);
    const key = `${call.name}\n${subject}\n${errno}`;
    const known = this.failures.get(key);
    if (known !== undefined) known.count++;
    else this.failures.set(key, { call: call.name, subject, errno, count: 1 });
  }
}
