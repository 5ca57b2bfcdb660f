import { existsSync } from 'node:fs';
import { placesToLookAt } from '../directives/known-places.ts';
import { holdInterrupts, type Interrupts } from '../lifetime/interrupt.ts';
import { textOfBytes } from '../paths/byte-text.ts';
import { openRoot } from '../paths/root.ts';
import { describeFiles, withEarlierFacts } from '../profile/describe-files.ts';
import { Gatherer } from '../profile/gather.ts';
import type { Profile } from '../profile/profile.ts';
import { architectureOf } from '../syscall-groups/architectures.ts';
import { attach } from '../trace/live/attach.ts';
import { createReadiness } from '../trace/live/readiness.ts';
import { traceCommand } from '../trace/live/trace-command.ts';
import { readTrace } from '../trace/read-lines.ts';
import { conclude, type Observed } from './conclude.ts';
import { withDescendants } from './descendants.ts';
import { checkExplain } from './explain-setting.ts';
import { Failure } from './failure.ts';
import { unitOfProcess } from './likely-unit.ts';
import { factsAround } from './machine-facts.ts';
import type { OutputOptions } from './options.ts';
import { checkDirectory, checkOutput } from './output-file.ts';
import { checkProfile } from './profile-file.ts';
import { startProgress } from './progress.ts';
import { ownCapabilities, type RunningProcess, recordRunning, runningProcess } from './running-process.ts';
import { steer } from './steer.ts';
import { type UserIds, userIds } from './user-ids.ts';
import { howWatched, startWatching, takeCounts, type WatchOptions, warningsOf } from './watching.ts';

export interface ObserveOptions extends OutputOptions, Pick<WatchOptions, 'exact' | 'observer'> {
  /** The program and its arguments; empty where processes are attached to. */
  argv: string[];
  pids: number[];
  user: string | undefined;
  log: string | undefined;
  exercise: string | undefined;
  /** Milliseconds. */
  duration: number | undefined;
}

/** `sandbox-profile -- PROGRAM` and `--pid N`: watches a daemon at work, then writes its drop-in. */
export async function observe(options: ObserveOptions): Promise<void> {
  checkExplain(options.explain);
  await checkOutput(options);
  await checkProfile(options.profile);
  if (options.log !== undefined) await checkDirectory(options.log);
  const interrupts = holdInterrupts();
  try {
    await conclude(await watch(options, interrupts), options);
  } finally {
    interrupts.release();
  }
}

async function watch(options: ObserveOptions, interrupts: Interrupts): Promise<Observed> {
  const isAttached = options.pids.length > 0;
  const source = options.log ?? 'trace';
  const pids = withDescendants(livingOf(options.pids));
  const readiness = createReadiness();
  // What the kernel tells comes after the gatherer is there.
  const watching = await startWatching(watchOptionsOf(options), (told) => {
    gatherer.told(told);
    readiness.event(told.call);
  });
  const { unwatched, kernel } = watching;
  const unwatchedBits = kernel?.bits;
  const gatherer = isAttached
    ? gatherFromRunning(pids, source, unwatched)
    : gatherFromStart(source, await startIds(options.user), unwatched);
  const reader = readTrace((event) => {
    gatherer.event(event);
    readiness.event(event);
  });
  // Asked now: at the end the process may be gone.
  const unit = pids.map(unitOfProcess).find((name) => name !== undefined);
  const snapshot = () => gatherer.finish(reader.tally);

  const keepLog = options.log === undefined ? undefined : { path: options.log, overwrite: options.force };
  const onLine = (line: string) => reader.line(line);
  const session = await (isAttached
    ? attach({ pids, onLine, keepLog, unwatched, unwatchedBits })
    : traceCommand({ argv: options.argv, onLine, keepLog, unwatched, unwatchedBits, user: options.user })
  ).catch((error) => {
    kernel?.kill();
    throw error;
  });
  if (isAttached) readiness.start();
  const progress = startProgress(beginning(options, pids), () => gatherer.counts());

  let running: Profile['files'] = {};
  const { failure, warnings } = await steer(session, readiness, {
    exercise: options.exercise,
    duration: options.duration,
    interrupts,
    stopping: isAttached
      ? 'Letting go of the processes, which live on'
      : 'Stopping the target (a second Ctrl-C kills it)',
    say: progress.say,
    // Directories in /run are gone when a daemon has ended: their owner and kind are asked for while it runs.
    beforeStop: () => {
      running = describeFiles(snapshot(), openRoot('/'));
    },
  });
  reader.end();
  const counts = await kernel?.end();
  if (counts !== undefined) takeCounts(watching, counts, gatherer);
  progress.end('Traced');
  if (failure !== undefined && !options.acceptFailed) {
    throw new Failure(`${failure} No drop-in was written (--accept-failed writes one all the same).`);
  }
  if (failure !== undefined) warnings.unshift(`${failure} This was accepted with --accept-failed.`);
  const profile = snapshot();
  Object.assign(profile, await factsAround(profile.sources[0]?.program ?? '', '/'));
  profile.files = withEarlierFacts(running, describeFiles(profile, openRoot('/'), placesToLookAt()));
  if (isAttached) {
    warnings.unshift(
      'The start of the daemon was not seen: what it needs for that alone (configuration, ports, its change of user) is missing here, so a restart under this drop-in will most likely fail. Trace it from its start, or merge such a trace with --profile.',
    );
  }
  warnings.unshift(...warningsOf(watching, counts, profile));
  const unread = reader.unread.map((line) => ({ ...line, source }));
  return { profile, warnings, unread, unit, root: '/', watched: howWatched(watching) };
}

/** What is kept to be read again must hold all: the kernel's words are in no log. A process that runs already is stopped at each call anyway. */
function watchOptionsOf({ exact, observer, level, systemd, log, pids }: ObserveOptions): WatchOptions {
  const isStraceAlone = observer === 'auto' && (log !== undefined || pids.length > 0);
  return { exact, observer: isStraceAlone ? 'strace' : observer, level, systemd };
}

/** Throws a Failure where one of them is no running process: strace would go on without it. */
function livingOf(pids: readonly number[]): readonly number[] {
  const missing = pids.find((pid) => !existsSync(`/proc/${pid}`));
  if (missing !== undefined)
    throw new Failure(`There is no process ${missing}: look up the daemon's number with ps or systemctl.`);
  return pids;
}

function beginning({ pids: given, exercise, duration }: ObserveOptions, pids: readonly number[]): string {
  const children = pids.length - new Set(given).size;
  const what =
    given.length === 0
      ? 'Tracing'
      : `Watching ${given.length === 1 ? 'process' : 'processes'} ${given.join(', ')}${children === 0 ? '' : ` and ${children} below`}`;
  return exercise === undefined && duration === undefined ? `${what}: use it, then press Ctrl-C` : what;
}

async function startIds(name: string | undefined): Promise<UserIds> {
  return name === undefined ? { uid: process.geteuid?.(), gid: process.getegid?.() } : userIds(name);
}

function gatherFromStart(source: string, { uid, gid }: UserIds, unwatched: readonly string[]): Gatherer {
  const current = textOfBytes(Buffer.from(process.cwd()).toString('latin1'));
  return new Gatherer({
    source,
    how: 'traced',
    architecture: architectureOf(process.arch),
    uid,
    gid,
    unwatched,
    wholeCapabilities: ownCapabilities(),
    inherited: () => ({ current, root: '/', descriptors: new Map() }),
  });
}

function gatherFromRunning(pids: readonly number[], source: string, unwatched: readonly string[]): Gatherer {
  const processes = new Map<number, RunningProcess>();
  for (const pid of pids) {
    const process = runningProcess(pid);
    if (process !== undefined) processes.set(pid, process);
  }
  const [first] = processes.values();
  const gatherer = new Gatherer({
    source,
    how: 'attached',
    architecture: architectureOf(process.arch),
    uid: first?.inherited.uid,
    gid: first?.gid,
    unwatched,
    inherited: (pid) => processes.get(pid)?.inherited,
  });
  for (const running of processes.values()) recordRunning(running, gatherer);
  return gatherer;
}
