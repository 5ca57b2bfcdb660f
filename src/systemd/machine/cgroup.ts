import { type Dirent, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Mount } from './mount-table.ts';

/** What a machine's cgroup is called, before the machine's own name. */
export const cgroupPrefix = 'sandbox-profile-';

/**
 * The directory in which this process may make cgroups of version 2: its own cgroup, or the root of the hierarchy.
 * Hosts with version 1 have version 2 beside it (/sys/fs/cgroup/unified), or not at all.
 * @returns undefined where no cgroup2 file system is mounted writable.
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html
 */
export async function ownCgroup(mounts: readonly Mount[]): Promise<string | undefined> {
  const mount = mounts.find(({ type, options }) => type === 'cgroup2' && options.includes('rw'));
  if (!mount) return undefined;
  const own = /^0::(\/.*)$/m.exec(await readFile('/proc/self/cgroup', 'utf8'))?.[1] ?? '/';
  // A cgroup outside of this namespace is shown with `..`; one outside of the mount cannot be reached.
  const below = mount.root === '/' ? own : own === mount.root ? '/' : own.slice(mount.root.length);
  const inReach = !own.includes('/..') && (mount.root === '/' || `${own}/`.startsWith(`${mount.root}/`));
  return inReach ? join(mount.path, below) : mount.path;
}

/**
 * Makes the cgroup of a machine.
 * @throws when the kernel refuses, for example because there are too many.
 */
export async function makeCgroup(cgroup: string): Promise<void> {
  try {
    await mkdir(cgroup);
  } catch (error) {
    throw new Error(
      `A machine needs the cgroup ${cgroup}, which cannot be made: ${(error as Error).message}.`,
    );
  }
}

/** The processes of a cgroup itself, by the numbers of this process's namespace; none where it is gone. */
export function processesOf(cgroup: string): number[] {
  try {
    return readFileSync(join(cgroup, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Whether a cgroup is there and nothing runs in it or below it. */
export function isEmptyCgroup(cgroup: string): boolean {
  return isPopulated(cgroup) === false;
}

/**
 * Kills whatever runs in a cgroup or below it, waits until it is gone, and removes the cgroup.
 * @throws when processes outlive SIGKILL for ten seconds.
 */
export async function removeCgroup(cgroup: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!killOrRemove(cgroup)) {
    if (Date.now() > deadline) {
      throw new Error(
        `Processes in the cgroup ${cgroup} cannot be killed: look at them with "ps", then remove it.`,
      );
    }
    await delay(3);
  }
}

/** The same for a process that is about to end: nothing else of it runs meanwhile. After two seconds it gives up. */
export function removeCgroupNow(cgroup: string): void {
  const deadline = Date.now() + 2000;
  const clock = new Int32Array(new SharedArrayBuffer(4));
  while (!killOrRemove(cgroup) && Date.now() < deadline) Atomics.wait(clock, 0, 0, 3);
}

/** One step: kills what runs there, or removes what is empty. @returns whether it is gone */
function killOrRemove(cgroup: string): boolean {
  const isUsed = isPopulated(cgroup);
  if (isUsed === undefined) return true;
  if (isUsed) {
    killAll(cgroup);
    return false;
  }
  // Between the reading and the removal nothing can come in: the machine's first process is dead.
  return removeTree(cgroup);
}

/** Undefined where it is gone. https://docs.kernel.org/admin-guide/cgroup-v2.html#un-populated-notification */
function isPopulated(cgroup: string): boolean | undefined {
  try {
    return readFileSync(join(cgroup, 'cgroup.events'), 'utf8').includes('populated 1');
  } catch {
    return undefined;
  }
}

function killAll(cgroup: string): void {
  try {
    // Since Linux 5.14; older kernels get one signal a process.
    writeFileSync(join(cgroup, 'cgroup.kill'), '1', { flag: 'r+' });
    return;
  } catch {}
  for (const directory of [cgroup, ...descendants(cgroup)]) {
    for (const pid of processesOf(directory)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended by itself.
      }
    }
  }
}

function removeTree(cgroup: string): boolean {
  for (const directory of [...descendants(cgroup).reverse(), cgroup]) {
    try {
      rmdirSync(directory);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return false;
    }
  }
  return true;
}

/** All cgroups below, parents first. */
function descendants(cgroup: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(cgroup, { withFileTypes: true });
  } catch {
    return [];
  }
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(cgroup, name))
    .flatMap((path) => [path, ...descendants(path)]);
}
