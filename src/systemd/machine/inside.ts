import { type FileHandle, open, readlink } from 'node:fs/promises';
import { constants } from 'node:os';
import { execa } from 'execa';
import { plainEnvironment } from '../plain-environment.ts';

export interface RunOptions {
  /** What the command reads; without, it reads nothing. */
  input?: string | Uint8Array;
  /** After so many milliseconds the command is killed; without, it may run for a minute. */
  timeout?: number;
  /** The user as whom it runs, with that user's groups; without, root. */
  user?: string;
}

export interface RunResult {
  /** 128 + the signal's number where a signal ended it, as shells say it. */
  exitCode: number;
  /** Without the last line's end. */
  stdout: string;
  stderr: string;
  timedOut: boolean;
}

/** Open handles of a machine's namespaces and root directory: they cannot come to mean another process, as a pid can. */
export interface Door {
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** The machine's root directory, seen from outside. */
  root: string;
  close(): Promise<void>;
}

/** nsenter's option for each namespace, by the kernel's name. */
const namespaces = {
  mnt: 'mount',
  uts: 'uts',
  ipc: 'ipc',
  net: 'net',
  pid: 'pid',
  cgroup: 'cgroup',
} as const;

/**
 * Opens the namespaces of a machine's first process.
 * @throws when the process is gone, or is in a namespace of ours.
 */
export async function openDoor(pid: number): Promise<Door> {
  const handles: FileHandle[] = [];
  const close = async () => {
    for (const handle of handles.splice(0)) await handle.close();
  };
  try {
    const enter: string[] = [];
    for (const [name, option] of Object.entries(namespaces)) {
      if ((await readlink(`/proc/${pid}/ns/${name}`)) === (await readlink(`/proc/self/ns/${name}`))) {
        throw new Error(`The machine has no ${option} namespace of its own.`);
      }
      const handle = await open(`/proc/${pid}/ns/${name}`);
      handles.push(handle);
      enter.push(`--${option}=/proc/${process.pid}/fd/${handle.fd}`);
    }
    const root = await open(`/proc/${pid}/root`);
    handles.push(root);
    const run = async (argv: readonly string[], options: RunOptions = {}) => {
      if (handles.length === 0) throw new Error('The machine has been stopped.');
      return await runIn(enter, argv, options);
    };
    return { run, root: `/proc/${process.pid}/fd/${root.fd}`, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** How long output may still come in when the command itself has ended: what it left running may hold the pipes open. */
const lastWords = 500;

async function runIn(enter: string[], argv: readonly string[], options: RunOptions): Promise<RunResult> {
  const asUser = options.user === undefined ? [] : ['runuser', '-u', options.user, '--'];
  // nsenter waits for its child in the machine: when nsenter is killed, the child must die too.
  const command = [...enter, '--', 'setpriv', '--pdeathsig', 'KILL', '--', ...asUser, ...argv];
  const child = execa('nsenter', command, {
    reject: false,
    ...(options.input === undefined ? { stdin: 'ignore' } : { input: options.input }),
    // A process group of its own: the timeout then ends the command's children as well.
    detached: true,
    cleanup: false,
    extendEnv: false,
    env: plainEnvironment,
  });
  const hangUp = () => {
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  let timedOut = false;
  let patience: NodeJS.Timeout | undefined;
  const limit = setTimeout(() => {
    timedOut = true;
    killGroup(child.pid);
    hangUp();
  }, options.timeout ?? 60_000);
  child.once('exit', () => {
    patience = setTimeout(hangUp, lastWords);
  });
  const result = await child;
  clearTimeout(limit);
  clearTimeout(patience);
  const { exitCode, signal } = result;
  const code = exitCode ?? (signal === undefined ? undefined : 128 + constants.signals[signal]);
  if (code === undefined)
    throw new Error(`A command cannot be run in the machine: ${result.shortMessage ?? ''}`);
  return { exitCode: code, stdout: text(result.stdout), stderr: text(result.stderr), timedOut };
}

function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}

function text(output: string | undefined): string {
  return output ?? '';
}
