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
import { Failure } from './failure.ts';
import type { OutputOptions } from './options.ts';
import { checkOutput } from './output-file.ts';
import { startProgress } from './progress.ts';
import { type RunningProcess, recordRunning, runningProcess } from './running-process.ts';
import { steer } from './steer.ts';
import { userId } from './user-id.ts';

export interface ObserveOptions extends OutputOptions {
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
  await checkOutput(options);
  await conclude(await watch(options), options);
}

async function watch(options: ObserveOptions): Promise<Observed> {
  const isAttached = options.pids.length > 0;
  const source = options.log ?? 'trace';
  const gatherer = isAttached
    ? gatherFromRunning(options.pids, source)
    : gatherFromStart(source, await startUser(options.user));
  const readiness = createReadiness();
  const reader = readTrace((event) => {
    gatherer.event(event);
    readiness.event(event);
  });
  const snapshot = () => gatherer.finish(reader.tally);

  const keepLog = options.log === undefined ? undefined : { path: options.log, overwrite: options.force };
  const onLine = (line: string) => reader.line(line);
  const session = isAttached
    ? await attach({ pids: options.pids, onLine, keepLog })
    : await traceCommand({ argv: options.argv, onLine, keepLog, user: options.user });
  if (isAttached) readiness.start();
  const progress = startProgress(isAttached ? 'Watching' : 'Tracing', () => gatherer.counts());

  let running: Profile['files'] = {};
  const { failure, warnings } = await steer(session, readiness, {
    exercise: options.exercise,
    duration: options.duration,
    say: progress.say,
    // Directories in /run are gone when a daemon has ended: their owner and kind are asked for while it runs.
    beforeStop: () => {
      running = describeFiles(snapshot(), openRoot('/'));
    },
  });
  reader.end();
  progress.end('Traced');
  if (failure !== undefined && !options.acceptFailed) {
    throw new Failure(`${failure} No drop-in was written (--accept-failed writes one all the same).`);
  }
  const profile = snapshot();
  profile.files = withEarlierFacts(running, describeFiles(profile, openRoot('/')));
  if (isAttached) {
    warnings.unshift(
      'The start of the daemon was not seen: what it needs for that alone (configuration, ports, its change of user) is missing here, so a restart under this drop-in will most likely fail. Trace it from its start, or merge such a trace with --profile.',
    );
  }
  return { profile, warnings, unread: reader.unread.map((line) => ({ ...line, source })) };
}

async function startUser(name: string | undefined): Promise<number | undefined> {
  return name === undefined ? process.geteuid?.() : userId(name);
}

function gatherFromStart(source: string, uid: number | undefined): Gatherer {
  const current = textOfBytes(Buffer.from(process.cwd()).toString('latin1'));
  return new Gatherer({
    source,
    how: 'traced',
    architecture: architectureOf(process.arch),
    uid,
    inherited: () => ({ current, root: '/', descriptors: new Map() }),
  });
}

function gatherFromRunning(pids: readonly number[], source: string): Gatherer {
  const processes = new Map<number, RunningProcess>();
  for (const pid of pids) {
    const process = runningProcess(pid);
    if (process !== undefined) processes.set(pid, process);
  }
  const gatherer = new Gatherer({
    source,
    how: 'attached',
    architecture: architectureOf(process.arch),
    inherited: (pid) => processes.get(pid)?.inherited,
  });
  for (const running of processes.values()) recordRunning(running, gatherer);
  return gatherer;
}
