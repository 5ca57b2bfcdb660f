import { access, readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { plainEnvironment } from '../plain-environment.ts';
import { bootPrograms } from './boot-script.ts';
import { ownCgroup } from './cgroup.ts';
import { type Mount, readMountTable } from './mount-table.ts';

/** What a machine takes from its host. */
export interface MachineHost {
  systemd: string;
  /** Where cgroups may be made. */
  cgroup: string;
  mounts: Mount[];
}

/** Tries in a mount namespace of its own what containers and kernels may forbid; it is gone when the shell ends. */
const tryMounts = `
set -eu
mount -t tmpfs tmpfs /run || exit 3
cd /run
mkdir upper work root
mount -t overlay -o lowerdir=/,upperdir=upper,workdir=work overlay root || exit 4
`;

/**
 * What a machine needs of this host, or why it cannot be had, in one sentence.
 */
export async function machineHost(): Promise<MachineHost | string> {
  if (process.getuid?.() !== 0) return 'A throw-away machine can only be started by root.';
  const systemd = await firstOf(['/usr/lib/systemd/systemd', '/lib/systemd/systemd']);
  if (systemd === undefined) return 'A throw-away machine needs systemd: it is not installed here.';
  for (const program of bootPrograms) {
    const found = await firstOf(
      plainEnvironment.PATH.split(':').map((directory) => `${directory}/${program}`),
    );
    if (found === undefined) return `A throw-away machine needs the program ${program}: install util-linux.`;
  }
  const mounts = readMountTable(await readFile('/proc/self/mountinfo', 'utf8'));
  const cgroup = await ownCgroup(mounts);
  if (cgroup === undefined)
    return 'A throw-away machine needs cgroup v2: no cgroup2 file system is mounted writable here.';
  const command = [
    '--mount',
    '--uts',
    '--ipc',
    '--net',
    '--pid',
    '--cgroup',
    '--fork',
    '/bin/sh',
    '-c',
    tryMounts,
  ];
  const trial = await execa('unshare', command, {
    reject: false,
    stdin: 'ignore',
    extendEnv: false,
    env: plainEnvironment,
  });
  if (trial.exitCode === 0) return { systemd, cgroup, mounts };
  const why = trial.stderr.trim().split('\n').at(-1) ?? '';
  if (trial.exitCode === 4)
    return `A throw-away machine needs an overlay file system on a tmpfs, and that fails here: ${why}`;
  return `A throw-away machine needs new namespaces with mounts of their own, and that fails here: ${why}`;
}

async function firstOf(paths: string[]): Promise<string | undefined> {
  for (const path of paths) {
    const found = await access(path).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return undefined;
}
