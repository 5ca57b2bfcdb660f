import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cgroupPrefix, removeCgroup } from './cgroup.ts';

/**
 * Where each machine of this host has a directory: its log, and a note of its cgroup. The name of that directory says
 * whose it is, so that whoever boots next can remove what a killed process left behind.
 */
const stateDirectory = '/run/sandbox-profile';

/** `<pid namespace>-<pid>-<start time>-<random>` */
const machineName = /^(\d+)-(\d+)-(\d+)-[0-9a-f]+$/;

/**
 * Makes the directory of a new machine (only root may enter it), and notes there which cgroup will be the machine's.
 * @param cgroups the directory in which that cgroup may be made
 * @throws when /run cannot be written or is full.
 */
export async function makeState(cgroups: string): Promise<{ directory: string; cgroup: string }> {
  try {
    await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
    const found = await lstat(stateDirectory);
    if (!found.isDirectory() || found.uid !== 0 || (found.mode & 0o077) !== 0) {
      throw new Error(`${stateDirectory} is not a directory that only root may enter: remove it`);
    }
    const started = await startTime(process.pid);
    const name = `${await pidNamespace()}-${process.pid}-${started}-${randomBytes(4).toString('hex')}`;
    const directory = join(stateDirectory, name);
    const cgroup = join(cgroups, `${cgroupPrefix}${name}`);
    await mkdir(directory, { mode: 0o700 });
    await writeFile(join(directory, 'cgroup'), cgroup, { mode: 0o600 });
    return { directory, cgroup };
  } catch (error) {
    throw new Error(`A machine needs a directory in ${stateDirectory}: ${(error as Error).message}.`);
  }
}

/** Removes the directory of a machine. */
export async function removeState(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
}

/** Removes what machines left behind whose owner is dead: processes, cgroups, directories. Machines of the living stay. */
export async function sweepState(): Promise<void> {
  const names = await readdir(stateDirectory).catch(() => []);
  if (names.length === 0) return;
  const namespace = await pidNamespace();
  for (const name of names) {
    const [, itsNamespace, pid, started] = machineName.exec(name) ?? [];
    // Numbers from another pid namespace mean nothing here.
    if (itsNamespace !== namespace || (await startTime(Number(pid))) === started) continue;
    const directory = join(stateDirectory, name);
    const cgroup = await readFile(join(directory, 'cgroup'), 'utf8').catch(() => '');
    if (basename(cgroup) === `${cgroupPrefix}${name}`) await removeCgroup(cgroup);
    await removeState(directory);
  }
}

async function pidNamespace(): Promise<string> {
  const link = await readlink('/proc/self/ns/pid');
  return /\d+/.exec(link)?.[0] ?? '0';
}

/** When a process started, in ticks since boot: with its pid that names it for good. Undefined where there is none. */
async function startTime(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The second field, the name, may hold spaces and parentheses: count from its end.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}
