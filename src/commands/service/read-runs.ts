import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { placesToLookAt } from '../../directives/known-places.ts';
import { textOfBytes } from '../../paths/byte-text.ts';
import { nameOf } from '../../paths/covering-tree.ts';
import { openRoot } from '../../paths/root.ts';
import { describeFiles } from '../../profile/describe-files.ts';
import { Gatherer } from '../../profile/gather.ts';
import { mergeProfiles } from '../../profile/merge.ts';
import type { Profile } from '../../profile/profile.ts';
import { architectureOf } from '../../syscall-groups/architectures.ts';
import { installedUnit } from '../../systemd/installed-unit.ts';
import type { TraceEvent } from '../../trace/event.ts';
import { readLog } from '../../trace/open-log.ts';
import { stringBytes } from '../../trace/values.ts';
import { aroundProgram } from '../around-program.ts';
import { closedPlaces } from '../closed-places.ts';
import type { Observed } from '../conclude.ts';
import { neighbours } from '../neighbours.ts';
import { commandsOfUnit } from '../unit-commands.ts';
import { traceDropInName } from './trace-drop-in.ts';
import { namedEnding } from './wrapped-commands.ts';

/** The logs of a run: a name that systemd gave it (`INVOCATION_ID`), and in the directory of that name one file a command. */
export interface Runs {
  unit: string;
  /** Where the directories of the runs lie, seen from us. */
  traces: string;
  /** The file system on which the unit runs. */
  root: string;
  /** Where its commands begin; empty for `/`. */
  directory: string;
}

export type ReadRuns = Pick<Observed, 'profile' | 'unread'>;

/** The names of all runs of which there are traces. */
export async function runsIn(traces: string): Promise<string[]> {
  const names = await readdir(traces).catch(() => []);
  return names.filter((name) => /^[0-9a-f]{32}$/.test(name)).sort();
}

/** One profile of everything that some runs did, and what the file system says about it now. */
export async function readRuns(runs: Runs, names: readonly string[]): Promise<ReadRuns> {
  const profiles: Profile[] = [];
  const unread: ReadRuns['unread'] = [];
  for (const run of names) {
    for (const file of await logsOf(join(runs.traces, run))) {
      const read = await readOne(runs, join(runs.traces, run), file);
      if (read === undefined) continue;
      profiles.push(read.profile);
      unread.push(...read.unread.slice(0, Math.max(0, 10 - unread.length)));
    }
  }
  const profile = mergeProfiles(profiles);
  profile.closed = closedPlaces(runs.root);
  profile.neighbours = neighbours(runs.root, programOf(profile, 'ExecStart-'));
  return { profile, unread };
}

/** The first program of a command, by the beginning of its source's name. */
function programOf(profile: Profile, command: string): string {
  return profile.sources.find(({ name }) => name.startsWith(command))?.program ?? '';
}

async function logsOf(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(() => []);
  return names.filter((name) => /^Exec[A-Za-z]+-\d+(?:-named)?\.strace$/.test(name)).sort();
}

/** Undefined where it is no regular file, is empty, or is gone: the directory belongs to the user of the unit. */
async function readOne(runs: Runs, place: string, file: string): Promise<ReadRuns | undefined> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const handle = await open(join(place, file), O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => undefined);
  try {
    const found = await handle?.stat();
    if (handle === undefined || found?.isFile() !== true || found.size === 0) return undefined;
    // Opened once: what lies under that name may be another file by now.
    const log = { path: `/proc/self/fd/${handle.fd}`, uid: found.uid, gid: found.gid };
    return await readLogOf(runs, file, log);
  } finally {
    await handle?.close();
  }
}

async function readLogOf(
  { unit, root, directory }: Runs,
  file: string,
  log: { path: string; uid: number; gid: number },
): Promise<ReadRuns> {
  const source = `${file.replace(/(?:-named)?\.strace$/, '')} of ${unit}`;
  let isFirst = true;
  const gatherer = new Gatherer({
    source,
    how: 'traced',
    architecture: architectureOf(process.arch),
    // strace made the file with the ids that the command began with.
    uid: log.uid,
    gid: log.gid,
    inherited: () => {
      const current = isFirst ? currentOf(directory) : undefined;
      isFirst = false;
      return { current, root: '/', descriptors: new Map() };
    },
  });
  const wanted = file.endsWith(namedEnding) ? afterBash() : () => true;
  const reading = await readLog(log.path, (event) => {
    if (wanted(event)) gatherer.event(event, source);
  });
  const profile = gatherer.finish(reading.tally);
  // What belongs to a helper's package, rotates its logs and has its directories is no concern of the daemon's.
  if (file.startsWith('ExecStart-')) {
    const around = await aroundProgram(profile.sources[0]?.program ?? '');
    Object.assign(profile, around, { beside: besideUnit(unit) ?? around.beside });
  }
  profile.files = describeFiles(profile, openRoot(root), placesToLookAt());
  return { profile, unread: reading.unread.map((line) => ({ ...line, source })) };
}

/** What the unit itself runs, without the drop-in of a trace; undefined where this is no unit of the system. */
function besideUnit(unit: string): Profile['beside'] | undefined {
  const lines = installedUnit(unit)?.text.lines.filter(({ file }) => nameOf(file) !== traceDropInName);
  return lines === undefined ? undefined : commandsOfUnit(unit, lines);
}

/** WorkingDirectory= as systemctl shows it: `!` where it need not be there, `~` for the user's home. */
function currentOf(directory: string): string | undefined {
  const path = directory.replace(/^!/, '');
  if (path === '') return '/';
  return path.startsWith('/') ? textOfBytes(Buffer.from(path).toString('latin1')) : undefined;
}

/** Leaves out what a bash did before it became the program; a log holds one run after the other where a command ran several times. */
function afterBash(): (event: TraceEvent) => boolean {
  const living = new Set<number>();
  let bash: number | undefined;
  return (event) => {
    if (event.kind === 'notice') return bash === undefined;
    const isExec = event.kind === 'call' && event.name === 'execve';
    if (living.size === 0 && isExec) {
      bash = event.pid;
      living.add(event.pid);
      return false;
    }
    if (event.kind === 'exit') living.delete(event.pid);
    else living.add(event.pid);
    if (bash !== event.pid) return true;
    const isProgram = isExec && event.result.number === 0 && stringBytes(event.args[0]) !== undefined;
    if (!isProgram && event.kind !== 'exit') return false;
    bash = undefined;
    return isProgram;
  };
}
