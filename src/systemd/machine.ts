import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type BootPlan, boot } from './machine/boot.ts';
import { makeCgroup } from './machine/cgroup.ts';
import { type MachineHost, machineHost } from './machine/host.ts';
import { type Door, openDoor, type RunOptions, type RunResult } from './machine/inside.ts';
import { planMounts } from './machine/mount-plan.ts';
import { makeState, sweepState } from './machine/state.ts';

export type { RunOptions, RunResult } from './machine/inside.ts';

/**
 * A throw-away machine: a systemd of its own, in namespaces of its own, on a copy-on-write view of this host's files. It sees the
 * host's programs and configuration as they are now, has a network with loopback only, an empty /run and a
 * journal of its own, and starts nothing that the host has enabled. What it writes is gone when it is stopped. What a mount of the
 * host forbids (`ro`, `noexec`, `nosuid`, `nodev`) is forbidden there too, but that `/` can be written.
 * It guards against accidents, not against a hostile root: the kernel is the host's, and so is the clock. No namespace has a time of
 * day of its own, and without CAP_SYS_TIME a unit that keeps the time could not be tried: who sets the clock inside sets the host's.
 */
export interface Machine {
  /**
   * Runs a program inside, without a shell, and waits for its end.
   * @throws when the machine has been stopped, or cannot be entered.
   */
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>;
  /**
   * Writes a file inside, and the directories above it where they are missing.
   * @param mode 0o644 unless given
   * @throws when it cannot be written, for example because the machine's disk is full.
   */
  writeFile(path: string, content: string | Uint8Array, mode?: number): Promise<void>;
  /**
   * The machine's root directory, seen from the host, until it is stopped. For looking only: an absolute symbolic link below it
   * leads to the host's files.
   */
  root: string;
  /** Mounts of the host that the machine does not see: network file systems, and what cannot be a lower layer. */
  leftOut: readonly string[];
  /** Kills what runs inside and throws everything away. May be called twice. */
  stop(): Promise<void>;
}

export interface MachineOptions {
  /** Milliseconds that the boot may take; 30 000 unless given. It takes less than one second on an idle host. */
  timeout?: number;
  /** How much may be written inside (in memory), as tmpfs takes it: `2G`, `50%`; half of the memory unless given. */
  size?: string;
  /**
   * A directory that holds another system's file tree (as debootstrap makes it): the machine shows that one, and its systemd, in
   * place of this host's. Nothing is ever written to it. It needs sh, coreutils and util-linux.
   */
  root?: string;
}

let known: Promise<MachineHost | string> | undefined;

/** Why no machine can be started here, in one sentence; undefined when it can. It is found out once in a process. */
export async function machineNeeds(): Promise<string | undefined> {
  known ??= machineHost();
  const host = await known;
  return typeof host === 'string' ? host : undefined;
}

/**
 * Boots a machine, and removes what machines of processes that were killed have left behind. A machine dies with the
 * process (to be exact, the thread) that booted it, however that ends; nothing of it is left then, but after a SIGKILL.
 * @throws when there are reasons against it (see {@link machineNeeds}), or when it does not come up.
 */
export async function bootMachine(options: MachineOptions = {}): Promise<Machine> {
  const host = await machineHost();
  if (typeof host === 'string') throw new Error(host);
  await sweepState();
  const { directory, cgroup, remove } = await makeState(host.cgroup);
  const undo = [remove];
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= undoAll(undo);
    return stopped;
  };
  try {
    await makeCgroup(cgroup);
    const shown = await shownTree(options.root, host);
    const booted = await boot({
      directory,
      cgroup,
      ...shown,
      size: options.size ?? '50%',
      timeout: options.timeout ?? 30_000,
    });
    undo.push(() => booted.kill());
    const door = await openDoor(booted.pid);
    undo.push(() => door.close());
    return {
      run: door.run,
      writeFile: (path, content, mode = 0o644) => writeInside(door, path, content, mode),
      root: door.root,
      leftOut: [...shown.mounts.leftOut, ...booted.leftOut],
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @throws when `root` holds no systemd. */
async function shownTree(
  root: string | undefined,
  host: MachineHost,
): Promise<Pick<BootPlan, 'root' | 'systemd' | 'mounts'>> {
  if (root === undefined) return { root: '/', systemd: host.systemd, mounts: await planMounts(host.mounts) };
  const systemd = '/usr/lib/systemd/systemd';
  await access(join(root, systemd)).catch(() => {
    throw new Error(`There is no systemd in ${root}: ${systemd} is missing there.`);
  });
  return { root: resolve(root), systemd, mounts: { overlays: [], rootLimits: '', copies: [], leftOut: [] } };
}

async function undoAll(steps: (() => Promise<void>)[]): Promise<void> {
  for (const step of steps.reverse()) await step();
}

/** Links are followed inside the machine, so the writing is done there too. The text is fixed, the rest comes as arguments. */
const writeScript = 'umask 022; mkdir -p -- "$(dirname -- "$1")" && cat >"$1" && chmod -- "$2" "$1"';

async function writeInside(
  door: Door,
  path: string,
  content: string | Uint8Array,
  mode: number,
): Promise<void> {
  if (!path.startsWith('/'))
    throw new Error(`A file in the machine needs a full path, not ${JSON.stringify(path)}.`);
  const argv = ['sh', '-c', writeScript, 'write', path, mode.toString(8)];
  const { exitCode, stderr } = await door.run(argv, { input: content });
  if (exitCode !== 0) throw new Error(`The file ${path} cannot be written in the machine: ${stderr}`);
}
