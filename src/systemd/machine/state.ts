import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { lstat, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { atOurEnd } from '../../lifetime/at-our-end.ts';
import { pidNamespace, startTime } from '../../lifetime/process-identity.ts';
import { cgroupPrefix, isEmptyCgroup, removeCgroup, removeCgroupNow } from './cgroup.ts';

/**
 * Where each machine of this host has a directory: its log, and a note of its cgroup. The name of that directory says
 * whose it is, so that whoever boots next can remove what a killed process left behind.
 */
const stateDirectory = '/run/sandbox-profile';

/** `<pid namespace>-<pid>-<start time>-<random>` */
const machineName = /^(\d+)-(\d+)-(\d+)-[0-9a-f]+$/;

/** Longer than any machine takes from its directory to its first process. */
const longestStart = 60_000;

/** What a machine has on the host. */
export interface MachineState {
  directory: string;
  /** Not made yet. */
  cgroup: string;
  /**
   * Kills what runs in the cgroup, and removes all. Where it is not called, this happens when this process ends.
   * @throws when processes outlive SIGKILL.
   */
  remove(): Promise<void>;
}

/**
 * Makes the directory of a new machine (only root may enter it), and notes there which cgroup will be the machine's.
 * @param cgroups the directory in which that cgroup may be made
 * @throws when /run cannot be written or is full.
 */
export async function makeState(cgroups: string): Promise<MachineState> {
  try {
    await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
    const found = await lstat(stateDirectory);
    if (!found.isDirectory() || found.uid !== 0 || (found.mode & 0o077) !== 0) {
      throw new Error(`${stateDirectory} is not a directory that only root may enter: remove it`);
    }
    const owner = [pidNamespace(), process.pid, startTime(process.pid) ?? '0'].join('-');
    const name = `${owner}-${randomBytes(4).toString('hex')}`;
    const directory = join(stateDirectory, name);
    const cgroup = join(cgroups, `${cgroupPrefix}${name}`);
    await mkdir(directory, { mode: 0o700 });
    await writeFile(join(directory, 'cgroup'), cgroup, { mode: 0o600 });
    const forget = atOurEnd(() => {
      removeCgroupNow(cgroup);
      rmSync(directory, { recursive: true, force: true });
    });
    const remove = async () => {
      await removeCgroup(cgroup);
      await removeDirectory(directory);
      forget();
    };
    return { directory, cgroup, remove };
  } catch (error) {
    throw new Error(`A machine needs a directory in ${stateDirectory}: ${(error as Error).message}.`);
  }
}

/** Removes what machines left behind whose owner is dead: processes, cgroups, directories. Machines of the living stay. */
export async function sweepState(): Promise<void> {
  for (const name of await readdir(stateDirectory).catch(() => [])) {
    const [, namespace, pid, started] = machineName.exec(name) ?? [];
    if (pid === undefined) continue;
    const directory = join(stateDirectory, name);
    const noted = await readFile(join(directory, 'cgroup'), 'utf8').catch(() => '');
    const cgroup = basename(noted) === `${cgroupPrefix}${name}` ? noted : undefined;
    const isLeft =
      namespace === pidNamespace()
        ? startTime(Number(pid)) !== started
        : await isAbandoned(directory, cgroup);
    if (!isLeft) continue;
    if (cgroup !== undefined) await removeCgroup(cgroup);
    await removeDirectory(directory);
  }
}

/**
 * Whether a machine is dead whose owner is in another pid namespace, where its number means nothing here. A machine dies with its
 * owner, and one that has been started for long without a process is dead. A cgroup that cannot be seen from here tells nothing.
 */
async function isAbandoned(directory: string, cgroup: string | undefined): Promise<boolean> {
  const made = await stat(directory).catch(() => undefined);
  if (made === undefined || cgroup === undefined || Date.now() - made.mtimeMs < longestStart) return false;
  return isEmptyCgroup(cgroup);
}

async function removeDirectory(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
}
