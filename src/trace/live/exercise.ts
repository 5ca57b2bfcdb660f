import { execa } from 'execa';

export interface ExerciseOptions {
  /** Ends the command, with everything it started. */
  signal?: AbortSignal | undefined;
  /** After how many milliseconds to end it. */
  timeout?: number | undefined;
}

export interface ExerciseEnd {
  exitCode?: number;
  signal?: string;
  /** Why it was ended from outside, where it was. */
  endedBy?: 'timeout' | 'caller';
}

/**
 * Runs a command line of the user with /bin/sh, to make a daemon do its work while it is traced. What it prints goes to our
 * stderr: stdout is for what we have to say. Never rejects for what the command does.
 */
export async function runExercise(command: string, options: ExerciseOptions = {}): Promise<ExerciseEnd> {
  const { signal, timeout } = options;
  if (signal?.aborted) return { endedBy: 'caller' };
  // detached: a process group of its own, so that what the shell started can be ended with it.
  const child = execa('/bin/sh', ['-c', command], {
    stdin: 'ignore',
    stdout: 2,
    stderr: 2,
    reject: false,
    cleanup: false,
    detached: true,
  });
  let endedBy: ExerciseEnd['endedBy'];
  let last: NodeJS.Timeout | undefined;
  const signalGroup = (name: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name);
    } catch {
      // It has ended.
    }
  };
  const end = (by: 'timeout' | 'caller') => {
    if (endedBy !== undefined) return;
    endedBy = by;
    signalGroup('SIGTERM');
    last = setTimeout(signalGroup, 2000, 'SIGKILL');
  };
  const onAbort = () => end('caller');
  const onExit = () => signalGroup('SIGKILL');
  const timer = timeout === undefined ? undefined : setTimeout(end, timeout, 'timeout');
  signal?.addEventListener('abort', onAbort, { once: true });
  process.on('exit', onExit);
  try {
    const result = await child;
    if (endedBy !== undefined) signalGroup('SIGKILL');
    return {
      ...(result.exitCode === undefined ? {} : { exitCode: result.exitCode }),
      ...(result.signal === undefined ? {} : { signal: result.signal }),
      ...(endedBy === undefined ? {} : { endedBy }),
    };
  } finally {
    clearTimeout(timer);
    clearTimeout(last);
    signal?.removeEventListener('abort', onAbort);
    process.off('exit', onExit);
  }
}
