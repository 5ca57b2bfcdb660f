import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
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
export async function processesOf(cgroup: string): Promise<number[]> {
  const text = await readFile(join(cgroup, 'cgroup.procs'), 'utf8').catch(() => '');
  return text.split('\n').filter(Boolean).map(Number);
}

/**
 * Kills whatever runs in a cgroup or below it, waits until it is gone, and removes the cgroup.
 * @throws when processes outlive SIGKILL for ten seconds.
 */
export async function removeCgroup(cgroup: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const events = await readFile(join(cgroup, 'cgroup.events'), 'utf8').catch(() => undefined);
    if (events === undefined) return;
    if (!events.includes('populated 1')) {
      // Between the reading and the removal nothing can come in: the machine's first process is dead.
      if (await removeTree(cgroup)) return;
    } else {
      await killAll(cgroup);
    }
    if (Date.now() > deadline) {
      throw new Error(
        `Processes in the cgroup ${cgroup} cannot be killed: look at them with "ps", then remove it.`,
      );
    }
    await delay(3);
  }
}

async function killAll(cgroup: string): Promise<void> {
  // Since Linux 5.14; older kernels get one signal a process.
  const whole = await writeFile(join(cgroup, 'cgroup.kill'), '1', { flag: 'r+' }).then(
    () => true,
    () => false,
  );
  if (whole) return;
  for (const directory of [cgroup, ...(await descendants(cgroup))]) {
    for (const pid of await processesOf(directory)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended by itself.
      }
    }
  }
}

async function removeTree(cgroup: string): Promise<boolean> {
  for (const directory of [...(await descendants(cgroup)).reverse(), cgroup]) {
    try {
      await rmdir(directory);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return false;
    }
  }
  return true;
}

/** All cgroups below, parents first. */
async function descendants(cgroup: string): Promise<string[]> {
  const entries = await readdir(cgroup, { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries) {
    if (!entry.isDirectory()) continue;
    const path = join(cgroup, entry.name);
    found.push(path, ...(await descendants(path)));
  }
  return found;
}
