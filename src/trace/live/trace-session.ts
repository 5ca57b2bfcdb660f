import { namesInMark } from '../unwatched-mark.ts';
import { deliverLines, type OnLine } from './deliver-lines.ts';
import { checkDiskSpace } from './disk-space.ts';
import { follow } from './follow.ts';
import type { RunningStrace, StraceExit } from './start-strace.ts';
import { TraceError } from './trace-error.ts';
import type { TraceOutput } from './trace-output.ts';
import { signalAll, traceesOf } from './tracees.ts';

/** How the first process ended: with a status, or by a signal. Neither when strace was told to let go of its targets. */
export interface TargetEnd {
  exitCode?: number;
  signal?: string;
}

/** A trace that is being made. */
export interface TraceSession {
  /** strace's process number. */
  readonly pid: number;
  /** Resolves when strace has written something, or has ended: an idle process that was attached to may take for ever. */
  readonly begun: Promise<void>;
  /** Resolves when every traced process has ended (or was let go) and every line was delivered. Rejects with a TraceError
   * when nothing could be traced, or with the error that `onLine` threw. The spool is gone then. */
  readonly ended: Promise<TargetEnd>;
  /** A started program: SIGTERM to every process of it. Attached processes: let go of, they live on. */
  stop(): void;
  /** The same for programs that do not listen: SIGKILL, again and again until none is left. Attached ones still live on. */
  kill(): void;
  /** The traced processes of this moment. */
  tracees(): number[];
}

/** How a session ends, which differs between a program of ours and processes that others run. */
export interface Ending {
  stop(session: SessionState): Promise<void>;
  kill(session: SessionState): Promise<void>;
  /** Reads strace's end. Rejects with a TraceError when it means that nothing was traced. */
  conclude(exit: StraceExit, session: SessionState): Promise<TargetEnd>;
}

export interface SessionState {
  readonly pid: number;
  readonly lines: number;
  readonly firstLine: string;
  readonly exited: Promise<StraceExit>;
  readonly isOver: boolean;
}

/** How often to look at the space that is left, in milliseconds. */
const guardEvery = 250;

/** Reads what a running strace writes until it ends. */
export function session(
  running: RunningStrace,
  output: TraceOutput,
  onLine: OnLine,
  ending: Ending,
): TraceSession {
  const pid = running.pid ?? 0;
  let begin = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const state = { pid, lines: 0, firstLine: '', exited: running.exited, isOver: pid === 0 };
  const overAndBegun = running.exited.then(() => {
    state.isOver = true;
    begin();
  });
  const text = follow(output.readPath, {
    complete: overAndBegun,
    onRead(bytes) {
      begin();
      output.consumed(bytes);
    },
  });
  const guard = setInterval(() => {
    try {
      checkDiskSpace(output.directory);
    } catch (error) {
      clearInterval(guard);
      // The reader may be at work for long: the trace ends now.
      if (!state.isOver) void ending.kill(state);
      text.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }, guardEvery);
  const ended = (async () => {
    try {
      await deliverLines(text, (line) => {
        // Ours, in front of what strace writes.
        if (state.lines === 0 && namesInMark(line) !== undefined) return onLine(line);
        if (state.lines++ === 0) state.firstLine = line;
        return onLine(line);
      });
      return await ending.conclude(await running.exited, state);
    } catch (error) {
      // Nobody reads any more: the trace must not go on.
      if (!state.isOver) await ending.kill(state);
      throw error;
    } finally {
      clearInterval(guard);
      await running.exited;
      await output.close();
    }
  })();
  // A caller that has not got the session yet cannot have looked at its end.
  ended.catch(() => {});
  // stop and kill never reject: who is gone needs no signal.
  const stop = () => void ending.stop(state);
  const kill = () => void ending.kill(state);
  return { pid, begun, ended, stop, kill, tracees: () => (state.isOver ? [] : traceesOf(pid)) };
}

/** Reads what strace's end says of its first process. https://man7.org/linux/man-pages/man1/strace.1.html (EXIT STATUS) */
export function targetEnd({ exitCode, signal, failure }: StraceExit): TargetEnd {
  if (failure !== undefined) throw new TraceError(`strace could not be started: ${failure}`);
  if (signal !== undefined) return { signal };
  return exitCode === undefined ? {} : { exitCode };
}

/** Kills the tracees until strace, left alone, ends; strace itself only when that does not help. */
export async function killTracees(state: SessionState): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!state.isOver && Date.now() < deadline) {
    signalAll(traceesOf(state.pid), 'SIGKILL');
    await within(100, state.exited);
  }
  if (!state.isOver) signalAll([state.pid], 'SIGKILL');
}

/** Waits for something, but no longer than that. */
export async function within(milliseconds: number, something: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([something, timeout]);
  clearTimeout(timer);
}
