import { hasFlag, stringBytes } from '../../trace/values.ts';
import type { Act } from '../profile.ts';
import { type Meaning, type Meanings, succeeded } from './meaning.ts';

/**
 * Calls that take a path and do one thing to it. Positions are those of strace's output, which are the kernel's:
 * https://man7.org/linux/man-pages/man2/syscalls.2.html
 */
interface PathUse {
  act: Act;
  path: number;
  /** The position of the directory descriptor of an `…at` call; with an empty path the descriptor itself is meant. */
  at?: number;
}

const uses: Readonly<Record<string, readonly PathUse[]>> = {
  stat: [{ act: 'stat', path: 0 }],
  stat64: [{ act: 'stat', path: 0 }],
  oldstat: [{ act: 'stat', path: 0 }],
  lstat: [{ act: 'stat', path: 0 }],
  lstat64: [{ act: 'stat', path: 0 }],
  oldlstat: [{ act: 'stat', path: 0 }],
  newfstatat: [{ act: 'stat', at: 0, path: 1 }],
  fstatat64: [{ act: 'stat', at: 0, path: 1 }],
  statx: [{ act: 'stat', at: 0, path: 1 }],
  statfs: [{ act: 'stat', path: 0 }],
  statfs64: [{ act: 'stat', path: 0 }],
  readlink: [{ act: 'stat', path: 0 }],
  readlinkat: [{ act: 'stat', at: 0, path: 1 }],
  getxattr: [{ act: 'stat', path: 0 }],
  lgetxattr: [{ act: 'stat', path: 0 }],
  listxattr: [{ act: 'stat', path: 0 }],
  llistxattr: [{ act: 'stat', path: 0 }],
  name_to_handle_at: [{ act: 'stat', at: 0, path: 1 }],
  mkdir: [{ act: 'make-directory', path: 0 }],
  mkdirat: [{ act: 'make-directory', at: 0, path: 1 }],
  mknod: [{ act: 'make-node', path: 0 }],
  mknodat: [{ act: 'make-node', at: 0, path: 1 }],
  symlink: [{ act: 'make-node', path: 1 }],
  symlinkat: [{ act: 'make-node', at: 1, path: 2 }],
  unlink: [{ act: 'remove', path: 0 }],
  unlinkat: [{ act: 'remove', at: 0, path: 1 }],
  rmdir: [{ act: 'remove', path: 0 }],
  chmod: [{ act: 'chmod', path: 0 }],
  fchmodat: [{ act: 'chmod', at: 0, path: 1 }],
  fchmodat2: [{ act: 'chmod', at: 0, path: 1 }],
  chown: [{ act: 'chown', path: 0 }],
  chown32: [{ act: 'chown', path: 0 }],
  lchown: [{ act: 'chown', path: 0 }],
  lchown32: [{ act: 'chown', path: 0 }],
  fchownat: [{ act: 'chown', at: 0, path: 1 }],
  utime: [{ act: 'utimes', path: 0 }],
  utimes: [{ act: 'utimes', path: 0 }],
  futimesat: [{ act: 'utimes', at: 0, path: 1 }],
  utimensat: [{ act: 'utimes', at: 0, path: 1 }],
  utimensat_time64: [{ act: 'utimes', at: 0, path: 1 }],
  setxattr: [{ act: 'xattr', path: 0 }],
  lsetxattr: [{ act: 'xattr', path: 0 }],
  removexattr: [{ act: 'xattr', path: 0 }],
  lremovexattr: [{ act: 'xattr', path: 0 }],
  truncate: [{ act: 'write', path: 0 }],
  truncate64: [{ act: 'write', path: 0 }],
  inotify_add_watch: [{ act: 'watch', path: 1 }],
  fanotify_mark: [{ act: 'watch', at: 3, path: 4 }],
  swapon: [{ act: 'write', path: 0 }],
  swapoff: [{ act: 'write', path: 0 }],
  acct: [{ act: 'write', path: 0 }],
  uselib: [{ act: 'map', path: 0 }],
  umount2: [{ act: 'mount', path: 0 }],
  umount: [{ act: 'mount', path: 0 }],
  oldumount: [{ act: 'mount', path: 0 }],
};

function meaningOfUses(list: readonly PathUse[]): Meaning {
  return (call, task, observation) => {
    for (const { act, path, at } of list) {
      const directory = at === undefined ? undefined : call.args[at];
      const named = call.args[path];
      const empty = named === undefined || stringBytes(named) === '' || isNull(call.args[path]?.kind, named);
      const target =
        directory !== undefined && empty
          ? observation.openFile(task, directory)?.path
          : observation.named(call, task, named, directory);
      observation.act(call, task, target, act);
    }
  };
}

/** `utimensat(3, NULL, …)` means the descriptor itself. */
function isNull(kind: string | undefined, value: { kind: string; text?: string }): boolean {
  return kind === 'text' && value.text === 'NULL';
}

/**
 * access and its kin look, but W_OK fails with EROFS on a read-only mount, and X_OK on a file with EACCES where nothing may be
 * executed: asking counts. https://man7.org/linux/man-pages/man2/access.2.html
 */
function accessMeaning(path: number, mode: number, at?: number): Meaning {
  return (call, task, observation) => {
    const target = observation.named(
      call,
      task,
      call.args[path],
      at === undefined ? undefined : call.args[at],
    );
    const asked = call.args[mode];
    const asks = (flag: string) => asked !== undefined && hasFlag(asked, flag);
    if (asks('W_OK')) observation.act(call, task, target, 'write');
    if (asks('X_OK')) observation.act(call, task, target, 'may-execute');
    observation.act(call, task, target, 'stat');
  };
}

function twoPaths(
  how: 'rename' | 'link',
  positions: { fromAt?: number; from: number; toAt?: number; to: number },
): Meaning {
  return (call, task, observation) => {
    const at = (position: number | undefined) => (position === undefined ? undefined : call.args[position]);
    const source = call.args[positions.from];
    const emptySource = source !== undefined && stringBytes(source) === '';
    const from = emptySource
      ? observation.openFile(task, at(positions.fromAt))?.path
      : observation.named(call, task, source, at(positions.fromAt));
    const to = observation.named(call, task, call.args[positions.to], at(positions.toAt));
    observation.act(call, task, from, how === 'rename' ? 'rename-from' : 'link');
    observation.act(call, task, to, how === 'rename' ? 'rename-to' : 'make-node');
    if (from !== undefined && to !== undefined && succeeded(call)) {
      observation.recorder.moved(how, from, to, call);
    }
  };
}

const chdir: Meaning = (call, task, observation) => {
  const target = observation.named(call, task, call.args[0]);
  observation.act(call, task, target, 'enter');
  if (succeeded(call)) task.directories.current = target;
};

const fchdir: Meaning = (call, task, observation) => {
  const target = observation.openFile(task, call.args[0])?.path;
  observation.act(call, task, target, 'enter');
  if (succeeded(call)) task.directories.current = target;
};

const chroot: Meaning = (call, task, observation) => {
  const target = observation.named(call, task, call.args[0]);
  observation.act(call, task, target, 'chroot');
  if (succeeded(call) && target !== undefined) task.directories.root = target;
};

const pivotRoot: Meaning = (call, task, observation) => {
  const target = observation.named(call, task, call.args[0]);
  observation.act(call, task, target, 'mount');
  if (succeeded(call) && target !== undefined) task.directories.root = target;
};

/** getcwd answers the real path as the task sees it: the one way to learn a directory that began before the log. */
const getcwd: Meaning = (call, task, observation) => {
  if (!succeeded(call) || task.directories.current !== undefined) return;
  const answer = call.args[0] === undefined ? undefined : stringBytes(call.args[0]);
  if (answer?.startsWith('/')) task.directories.current = observation.named(call, task, call.args[0]);
};

const mount: Meaning = (call, task, observation) => {
  const source = call.args[0];
  if (source !== undefined && stringBytes(source)?.startsWith('/')) {
    observation.act(call, task, observation.named(call, task, source), 'mount');
  }
  observation.act(call, task, observation.named(call, task, call.args[1]), 'mount');
};

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
    observation.act(call, task, observation.openFile(task, call.args[0])?.path, act);
  };
}

export const pathCalls: Meanings = {
  ...Object.fromEntries(Object.entries(uses).map(([name, list]) => [name, meaningOfUses(list)])),
  ...Object.fromEntries(
    Object.entries(descriptorUses).map(([name, act]) => [name, meaningOfDescriptorUse(act)]),
  ),
  access: accessMeaning(0, 1),
  faccessat: accessMeaning(1, 2, 0),
  faccessat2: accessMeaning(1, 2, 0),
  rename: twoPaths('rename', { from: 0, to: 1 }),
  renameat: twoPaths('rename', { fromAt: 0, from: 1, toAt: 2, to: 3 }),
  renameat2: twoPaths('rename', { fromAt: 0, from: 1, toAt: 2, to: 3 }),
  link: twoPaths('link', { from: 0, to: 1 }),
  linkat: twoPaths('link', { fromAt: 0, from: 1, toAt: 2, to: 3 }),
  chdir,
  fchdir,
  chroot,
  pivot_root: pivotRoot,
  getcwd,
  mount,
};
