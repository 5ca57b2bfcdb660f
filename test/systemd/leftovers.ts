import { readdir, readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { readMountTable } from '../../src/systemd/machine/mount-table.ts';

/** What the machines of a process have left on the host. */
export async function leftovers(pid: number) {
  const own = (name: string) => name.includes(`-${pid}-`);
  const directories = (await readdir('/run/sandbox-profile').catch(() => [])).filter(own);
  const mounts = readMountTable(await readFile('/proc/self/mountinfo', 'utf8'));
  const root = mounts.find(({ type }) => type === 'cgroup2')?.path ?? '/sys/fs/cgroup';
  const found = await execa('find', [root, '-type', 'd', '-name', 'sandbox-profile-*'], { reject: false });
  return { directories, cgroups: found.stdout.split('\n').filter(own) };
}

/** The sleeping processes of this host whose command has a word in it. */
export async function processesWith(word: string): Promise<string[]> {
  const { stdout } = await execa('ps', ['ax', '-o', 'args=']);
  return stdout.split('\n').filter((line) => line.startsWith('sleep') && line.includes(word));
}
