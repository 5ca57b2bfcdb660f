import { lstat } from 'node:fs/promises';
import type { Mount } from './mount-table.ts';

/** What a machine does about the file systems that are mounted below `/`. */
export interface MountPlan {
  /** Directories that get an overlay of their own, parents first, each with what its mount here forbids: `ro,noexec`. */
  overlays: { path: string; limits: string }[];
  /**
   * What the mount of `/` forbids, but for writing: a machine has files of its own there, which nobody would look for on a disk
   * that is read-only.
   */
  rootLimits: string;
  /** Small files that are mounted one by one (container engines do so with /etc/hosts): copied. */
  copies: string[];
  /** What the machine will not see. */
  leftOut: string[];
}

/** Made anew inside the machine, with all that is mounted below. */
const fresh = ['/proc', '/sys', '/dev', '/run'];

/** Made by the kernel, not by a disk: nothing in them that a daemon's files could be. */
const virtual = new Set(
  (
    'autofs binfmt_misc bpf cgroup cgroup2 configfs debugfs devpts devtmpfs efivarfs fusectl hugetlbfs mqueue nsfs ' +
    'proc pstore ramfs rpc_pipefs securityfs selinuxfs sysfs tracefs'
  ).split(' '),
);

/** A server that does not answer would hang the boot. */
const remote = /^(nfs4?|cifs|smb3?|ceph|afs|glusterfs|9p|fuse\..*)$/;

const largestCopy = 1 << 20;

/** What a mount can forbid. https://man7.org/linux/man-pages/man8/mount.8.html (FILESYSTEM-INDEPENDENT MOUNT OPTIONS) */
const forbidding = ['ro', 'nosuid', 'nodev', 'noexec'] as const;

function limitsOf({ options, ofFileSystem }: Mount): string[] {
  return forbidding.filter(
    (each) => options.includes(each) || (each === 'ro' && ofFileSystem.includes(each)),
  );
}

/** Sorts the mounts of this process into those that a machine can show without ever writing to them, and the rest. */
export async function planMounts(mounts: readonly Mount[]): Promise<MountPlan> {
  const plan: MountPlan = { overlays: [], rootLimits: '', copies: [], leftOut: [] };
  // Of several mounts on one path the last is the one in sight.
  const inSight = new Map(mounts.map((mount) => [mount.path, mount]));
  const root = inSight.get('/');
  if (root !== undefined)
    plan.rootLimits = limitsOf(root)
      .filter((each) => each !== 'ro')
      .join(',');
  const hidden = (path: string) =>
    [...fresh, ...plan.leftOut].some((parent) => path === parent || path.startsWith(`${parent}/`));
  for (const [path, mount] of [...inSight].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { type } = mount;
    if (path === '/' || virtual.has(type) || hidden(path)) continue;
    const what =
      remote.test(type) || path.includes('\ufffd') ? undefined : await lstat(path).catch(() => undefined);
    if (what?.isDirectory()) plan.overlays.push({ path, limits: limitsOf(mount).join(',') });
    else if (what?.isFile() && what.size <= largestCopy) plan.copies.push(path);
    else plan.leftOut.push(path);
  }
  return plan;
}
