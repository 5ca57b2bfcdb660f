import { checkUser } from './check-user.ts';
import type { OnLine } from './deliver-lines.ts';
import { explainFailedStart } from './explain-failure.ts';
import { findProgram } from './find-program.ts';
import { findStrace } from './find-strace.ts';
import { startAroundProgram } from './start-strace.ts';
import { straceArguments } from './strace-arguments.ts';
import { type KeptLog, openKeptLog, openSpool } from './trace-output.ts';
import { type Ending, killTracees, session, type TraceSession, targetEnd } from './trace-session.ts';
import { signalAll, traceesOf } from './tracees.ts';

export interface TraceCommandOptions {
  /** The program and its arguments. */
  argv: readonly string[];
  onLine: OnLine;
  /** Start the program as this user (root only). */
  user?: string | undefined;
  /** Keep strace's log in this file. */
  keepLog?: KeptLog | undefined;
  /** Calls that need not be seen: none where left out. */
  unwatched?: readonly string[] | undefined;
  /** Where only those of programs of so many bits need not be seen. */
  unwatchedBits?: 64 | undefined;
}

/**
 * Starts a program under strace and delivers what strace writes, line by line; resolves when the program has begun. The program keeps our stdin, stdout and stderr;
 * it and all its children are followed until the last one ends, so a daemon may go to the background.
 *
 * Throws a TraceError where strace, the program or the user cannot be found, or the log cannot be written. Must be called on
 * the main thread: strace dies with the thread that started it.
 */
export async function traceCommand(options: TraceCommandOptions): Promise<TraceSession> {
  const { argv, onLine, user, keepLog, unwatched, unwatchedBits } = options;
  const [name = '', ...rest] = argv;
  const program = await findProgram(name);
  if (user !== undefined) await checkUser(user);
  const strace = await findStrace();
  const output = keepLog === undefined ? await openSpool() : await openKeptLog(keepLog, unwatched);
  let started: TraceSession;
  try {
    const flags = straceArguments({
      version: strace.version,
      output: output.writePath,
      append: output.hasLines,
      user,
      unwatched,
      unwatchedBits,
    });
    // The name as it was given: it becomes argv[0], and strace looks it up in the same PATH.
    const running = await startAroundProgram(strace.path, [...flags, '--', name, ...rest]);
    started = session(running, output, onLine, programEnding(strace.path, program));
  } catch (error) {
    await output.close();
    throw error;
  }
  // Until then, what strace traces is a child of its own, which it tests the kernel with or turns into the program: a strace
  // that were killed now would leave it stopped for ever.
  await started.begun;
  return started;
}

function programEnding(strace: string, program: string): Ending {
  return {
    async stop(state) {
      if (state.isOver) return;
      const pids = traceesOf(state.pid);
      signalAll(pids, 'SIGTERM');
      // A stopped process gets the signal when it goes on; systemd does the same (systemd.kill(5)).
      signalAll(pids, 'SIGCONT');
    },
    kill: killTracees,
    async conclude(exit, state) {
      const end = targetEnd(exit);
      const failure =
        end.exitCode === 1
          ? await explainFailedStart(strace, program, state.lines, state.firstLine)
          : undefined;
      if (failure !== undefined) throw failure;
      return end;
    },
  };
}
