import type { OnLine } from './deliver-lines.ts';
import { explainFailedAttach } from './explain-failure.ts';
import { findStrace } from './find-strace.ts';
import { letGo } from './let-go.ts';
import { startOnProcesses } from './start-strace.ts';
import { straceArguments } from './strace-arguments.ts';
import { TraceError } from './trace-error.ts';
import { type KeptLog, openKeptLog, openSpool } from './trace-output.ts';
import { type Ending, type SessionState, session, type TraceSession, targetEnd } from './trace-session.ts';
import { signalAll } from './tracees.ts';

export interface AttachOptions {
  /** The processes to trace, with all their threads and the children they start from now on (not those they have). */
  pids: readonly number[];
  onLine: OnLine;
  /** Keep strace's log in this file. */
  keepLog?: KeptLog | undefined;
  /** Calls that need not be seen: none where left out. */
  unwatched?: readonly string[] | undefined;
  /** Where only those of programs of so many bits need not be seen. */
  unwatchedBits?: 64 | undefined;
}

/**
 * Traces running processes until they end or `stop()`; they are never harmed: `stop()` and `kill()` only let go of them.
 * `ended` rejects with a TraceError where none could be attached to. Must be called on the main thread.
 */
export async function attach(options: AttachOptions): Promise<TraceSession> {
  const { pids, onLine, keepLog, unwatched, unwatchedBits } = options;
  const wrong = pids.find((pid) => !Number.isSafeInteger(pid) || pid < 1 || pid === process.pid);
  if (wrong !== undefined || pids.length === 0)
    throw new TraceError(
      `Cannot attach to process ${wrong ?? 'none'}; give the number of a running process other than this one.`,
    );
  const strace = await findStrace();
  const output = keepLog === undefined ? await openSpool() : await openKeptLog(keepLog, unwatched);
  try {
    const flags = straceArguments({
      version: strace.version,
      output: output.writePath,
      append: output.hasLines,
      pids,
      unwatched,
      unwatchedBits,
    });
    const running = await startOnProcesses(strace.path, flags);
    return session(running, output, onLine, attachedEnding(pids));
  } catch (error) {
    await output.close();
    throw error;
  }
}

function attachedEnding(pids: readonly number[]): Ending {
  let stopped = false;
  async function leave(state: SessionState): Promise<void> {
    stopped = true;
    await letGo({
      exited: state.exited,
      isOver: () => state.isOver,
      signal: (name) => signalAll([state.pid], name),
    });
  }
  return {
    stop: leave,
    kill: leave,
    async conclude(exit) {
      const end = targetEnd(exit);
      if (stopped) return {};
      if (end.exitCode === 1) throw await explainFailedAttach(pids, exit.messages);
      return end;
    },
  };
}
