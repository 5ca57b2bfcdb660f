import { execa } from 'execa';

/** A strace that runs: its process number and its end. */
export interface RunningStrace {
  pid: number | undefined;
  /** Never rejects. */
  exited: Promise<StraceExit>;
}

export interface StraceExit {
  exitCode: number | undefined;
  signal: string | undefined;
  /** What strace itself said, where its messages were kept apart. */
  messages: string;
  /** Why it could not be started at all. */
  failure: string | undefined;
}

/**
 * Starts strace around a program that keeps our stdin, stdout and stderr. strace's own messages go to the same stderr: the
 * program gets that descriptor from strace. They are few, and begin with strace's path.
 */
export async function startAroundProgram(strace: string, args: readonly string[]): Promise<RunningStrace> {
  // strace ignores everything but KILL while it writes to a file.
  const command = await diesWithUs('KILL', [strace, ...args]);
  return run(command, ['inherit', 'inherit', 'inherit']);
}

/** Starts strace on running processes, which keep their own descriptors: so its messages can be kept apart. */
export async function startOnProcesses(strace: string, args: readonly string[]): Promise<RunningStrace> {
  // On TERM it detaches from its targets before it ends.
  const command = await diesWithUs('TERM', [strace, ...args]);
  return run(command, ['ignore', 'ignore', 'pipe']);
}

function run(
  command: string[],
  stdio: ['ignore' | 'inherit', 'ignore' | 'inherit', 'inherit' | 'pipe'],
): RunningStrace {
  const [file = '', ...args] = command;
  const [stdin, stdout, stderr] = stdio;
  // cleanup: how strace ends when we do is decided here, not by execa.
  const child = execa(file, args, {
    stdin,
    stdout,
    stderr,
    reject: false,
    cleanup: false,
    maxBuffer: 64 * 1024,
  });
  const exited = child.then(
    (result) => ({
      exitCode: result.exitCode,
      signal: result.signal,
      messages: typeof result.stderr === 'string' ? result.stderr : '',
      failure: result.exitCode === undefined && result.signal === undefined ? result.shortMessage : undefined,
    }),
    (error: unknown) => ({ exitCode: undefined, signal: undefined, messages: '', failure: String(error) }),
  );
  return { pid: child.pid, exited };
}

/**
 * The command, started so that the kernel sends it `signal` when we die, even of a SIGKILL: else strace would go on filling
 * the disk. setpriv(1) of util-linux has the option since 2.33; without it the command is started as it is.
 * https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
 */
async function diesWithUs(signal: 'KILL' | 'TERM', command: string[]): Promise<string[]> {
  const prefix = ['setpriv', '--pdeathsig', signal];
  const { failed } = await execa('setpriv', ['--pdeathsig', signal, 'true'], {
    reject: false,
    stdio: 'ignore',
  });
  return failed ? command : [...prefix, ...command];
}
