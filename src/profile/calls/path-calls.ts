import { stringBytes } from '../../trace/values.ts';
import type { Act } from '../acts.ts';
import { hasFlag } from '../known-flags.ts';
import type { Meaning, Meanings } from './meaning.ts';

/**
 * Calls that take a path and do one thing to it. Positions are those of strace's output, which are the kernel's:
 * https://man7.org/linux/man-pages/man2/syscalls.2.html
 */
interface PathUse {
  act: Act;
  path: number;
  /** The position of the directory descriptor of an `…at` call; with an empty path the descriptor itself is meant. */
  at?: number;
  /** Whether a link at the end is followed: always, never, or unless the argument at a position has AT_SYMLINK_NOFOLLOW. */
  follows: boolean | number;
}

function use(act: Act, path: number, follows: boolean | number, at?: number): PathUse {
  return at === undefined ? { act, path, follows } : { act, path, follows, at };
}

const uses: Readonly<Record<string, PathUse>> = {
  stat: use('stat', 0, true),
  stat64: use('stat', 0, true),
  oldstat: use('stat', 0, true),
  lstat: use('stat', 0, false),
  lstat64: use('stat', 0, false),
  oldlstat: use('stat', 0, false),
  newfstatat: use('stat', 1, 3, 0),
  fstatat64: use('stat', 1, 3, 0),
  statx: use('stat', 1, 2, 0),
  statfs: use('stat', 0, true),
  statfs64: use('stat', 0, true),
  readlink: use('stat', 0, false),
  readlinkat: use('stat', 1, false, 0),
  getxattr: use('stat', 0, true),
  lgetxattr: use('stat', 0, false),
  getxattrat: use('stat', 1, 2, 0),
  listxattr: use('stat', 0, true),
  llistxattr: use('stat', 0, false),
  listxattrat: use('stat', 1, 2, 0),
  name_to_handle_at: use('stat', 1, false, 0),
  file_getattr: use('stat', 1, 4, 0),
  quotactl: use('stat', 1, true),
  mkdir: use('make-directory', 0, false),
  mkdirat: use('make-directory', 1, false, 0),
  mknod: use('make-node', 0, false),
  mknodat: use('make-node', 1, false, 0),
  unlink: use('remove', 0, false),
  unlinkat: use('remove', 1, false, 0),
  rmdir: use('remove', 0, false),
  chmod: use('chmod', 0, true),
  fchmodat: use('chmod', 1, true, 0),
  fchmodat2: use('chmod', 1, 3, 0),
  chown: use('chown', 0, true),
  chown32: use('chown', 0, true),
  lchown: use('chown', 0, false),
  lchown32: use('chown', 0, false),
  fchownat: use('chown', 1, 4, 0),
  utime: use('utimes', 0, true),
  utimes: use('utimes', 0, true),
  futimesat: use('utimes', 1, true, 0),
  utimensat: use('utimes', 1, 3, 0),
  utimensat_time64: use('utimes', 1, 3, 0),
  setxattr: use('xattr', 0, true),
  lsetxattr: use('xattr', 0, false),
  setxattrat: use('xattr', 1, 2, 0),
  removexattr: use('xattr', 0, true),
  lremovexattr: use('xattr', 0, false),
  removexattrat: use('xattr', 1, 2, 0),
  file_setattr: use('xattr', 1, 4, 0),
  truncate: use('write', 0, true),
  truncate64: use('write', 0, true),
  inotify_add_watch: use('watch', 1, true),
  fanotify_mark: use('watch', 4, true, 3),
  swapon: use('write', 0, true),
  swapoff: use('write', 0, true),
  acct: use('write', 0, true),
  uselib: use('map', 0, true),
};

function meaningOfUse({ act, path, at, follows }: PathUse): Meaning {
  return (call, task, observation) => {
    const name = call.args[path];
    const directory = at === undefined ? undefined : call.args[at];
    const isEmpty =
      name === undefined || stringBytes(name) === '' || (name.kind === 'text' && name.text === 'NULL');
    if (directory !== undefined && isEmpty) {
      // To look at what is open already asks nothing of a sandbox.
      if (act !== 'stat') observation.act(call, task, observation.openPath(call, task, directory), act);
      return;
    }
    const target =
      follows === true || (follows !== false && !hasFlag(call.args[follows], 'AT_SYMLINK_NOFOLLOW'))
        ? observation.target(call, task, name, directory)
        : observation.named(call, task, name, directory);
    observation.act(call, task, target, act);
  };
}

/**
 * access and its kin look, but W_OK fails with EROFS on a read-only mount, and X_OK on a file with EACCES where nothing may be
 * executed: asking counts. https://man7.org/linux/man-pages/man2/access.2.html
 */
function accessMeaning(path: number, mode: number, at?: number): Meaning {
  return (call, task, observation) => {
    const directory = at === undefined ? undefined : call.args[at];
    const target = observation.target(call, task, call.args[path], directory);
    const asked = call.args[mode];
    if (hasFlag(asked, 'W_OK')) observation.act(call, task, target, 'write');
    if (hasFlag(asked, 'X_OK')) observation.act(call, task, target, 'may-execute');
    observation.act(call, task, target, 'stat');
  };
}

/** Calls on an open file that change it where it lies. */
const descriptorUses: Readonly<Record<string, Act>> = {
  fchmod: 'chmod',
  fchown: 'chown',
  fchown32: 'chown',
  fsetxattr: 'xattr',
  fremovexattr: 'xattr',
  getdents: 'list',
  getdents64: 'list',
};

function meaningOfDescriptorUse(act: Act): Meaning {
  return (call, task, observation) => {
    const path = observation.openPath(call, task, call.args[0]);
    observation.act(call, task, path, act);
  };
}

export const pathCalls: Meanings = {
  ...Object.fromEntries(Object.entries(uses).map(([name, each]) => [name, meaningOfUse(each)])),
  ...Object.fromEntries(
    Object.entries(descriptorUses).map(([name, act]) => [name, meaningOfDescriptorUse(act)]),
  ),
  access: accessMeaning(0, 1),
  faccessat: accessMeaning(1, 2, 0),
  faccessat2: accessMeaning(1, 2, 0),
};
