import type { Syscall } from '../../trace/event.ts';
import { stringBytes } from '../../trace/values.ts';
import { openedFile } from '../descriptors.ts';
import { hasFlag } from '../known-flags.ts';
import type { Observation } from '../observation.ts';
import { succeeded } from '../outcome.ts';
import type { Task } from '../task.ts';
import type { Meaning, Meanings } from './meaning.ts';

/** Calls that change where a process stands and what it sees as its file system. */

const chdir: Meaning = (call, task, observation) => {
  const target = observation.target(call, task, call.args[0]);
  observation.act(call, task, target, 'enter');
  if (succeeded(call)) moveTo(task, target, observation);
};

const fchdir: Meaning = (call, task, observation) => {
  const file = observation.openFile(task, call.args[0]);
  observation.act(call, task, observation.openPath(call, task, call.args[0]), 'enter');
  if (!succeeded(call)) return;
  moveTo(task, file?.path, observation);
  if (file !== undefined) file.isDirectory = true;
};

/** Where others move it at times that nobody knows, it is not known for a moment either. */
function moveTo(task: Task, target: string | undefined, observation: Observation): void {
  if (task.isStranger) observation.strangerMoves(task);
  if (!task.directories.isUnsettled) task.directories.current = target;
}

/** The working directory stays where it was: https://man7.org/linux/man-pages/man2/chroot.2.html */
const chroot: Meaning = (call, task, observation) => {
  const target = observation.target(call, task, call.args[0]);
  observation.act(call, task, target, 'chroot');
  if (succeeded(call)) task.directories.root = target;
};

/** Everybody who stood in the old root of the namespace gets the new one: https://man7.org/linux/man-pages/man2/pivot_root.2.html */
const pivotRoot: Meaning = (call, task, observation) => {
  const target = observation.target(call, task, call.args[0]);
  observation.act(call, task, target, 'mount');
  if (!succeeded(call)) return;
  const old = task.directories.root;
  for (const other of observation.tasks.all()) {
    if (other.mounts !== task.mounts || other.directories.root !== old) continue;
    other.directories.root = target;
    if (other.directories.current === old) other.directories.current = target;
  }
  sayPrivate(task, observation);
};

/** getcwd answers the real path as the task sees it: the one way to learn a directory that began before the log. */
const getcwd: Meaning = (call, task, observation) => {
  if (!succeeded(call) || task.directories.current !== undefined || task.directories.isUnsettled) return;
  if (stringBytes(call.args[0])?.startsWith('/'))
    task.directories.current = observation.named(call, task, call.args[0]);
};

const mount: Meaning = (call, task, observation) => {
  const [source, target, , flags] = call.args;
  const changesFlags =
    hasFlag(flags, 'MS_REMOUNT') || /MS_(?:PRIVATE|SHARED|SLAVE|UNBINDABLE)/.test(textOf(flags));
  if (!changesFlags && stringBytes(source)?.startsWith('/'))
    observation.act(call, task, observation.target(call, task, source), 'mount');
  observation.act(call, task, observation.target(call, task, target), 'mount');
  if (changesFlags) return;
  sayShared(call, task, observation);
  if (succeeded(call)) sayPrivate(task, observation);
};

function textOf(value: { kind: string; text?: string } | undefined): string {
  return value?.text ?? '';
}

const umount: Meaning = (call, task, observation) => {
  observation.act(call, task, observation.target(call, task, call.args[0]), 'mount');
  sayShared(call, task, observation);
};

/** https://man7.org/linux/man-pages/man2/open_tree.2.html: a detached copy with OPEN_TREE_CLONE, else a plain O_PATH. */
const openTree: Meaning = (call, task, observation) => {
  const [at, name, flags] = call.args;
  const path =
    stringBytes(name) === ''
      ? observation.openPath(call, task, at)
      : observation.target(call, task, name, at);
  observation.act(call, task, path, hasFlag(flags, 'OPEN_TREE_CLONE') ? 'mount' : 'stat');
  if (succeeded(call) && call.result.number !== undefined) {
    const closeOnExec = hasFlag(flags, 'OPEN_TREE_CLOEXEC') || hasFlag(flags, 'O_CLOEXEC');
    task.descriptors.open(call.result.number, openedFile(path, true), closeOnExec);
  }
};

/** https://man7.org/linux/man-pages/man2/move_mount.2.html */
const moveMount: Meaning = (call, task, observation) => {
  for (const [at, path] of [
    [0, 1],
    [2, 3],
  ] as const) {
    const name = call.args[path];
    const isEmpty = stringBytes(name) === '';
    const place = isEmpty
      ? observation.openFile(task, call.args[at])?.path
      : observation.target(call, task, name, call.args[at]);
    observation.act(call, task, place, 'mount');
  }
  sayShared(call, task, observation);
  if (succeeded(call)) sayPrivate(task, observation);
};

/** fspick and mount_setattr: `(dfd, path, …)`. */
const mountAt: Meaning = (call, task, observation) => {
  const [at, name] = call.args;
  const place =
    stringBytes(name) === ''
      ? observation.openFile(task, at)?.path
      : observation.target(call, task, name, at);
  observation.act(call, task, place, 'mount');
};

/** What is mounted, or taken away, where the trace began, all see who see the same mounts: the host, in most cases. */
function sayShared(call: Syscall, task: Task, observation: Observation): void {
  if (succeeded(call) && !task.mounts.isOwn)
    observation.recorder.privileged('seen by others', call, task.credentials.label);
}

function sayPrivate(task: Task, observation: Observation): void {
  if (!task.mounts.isOwn) return;
  observation.recorder.limit(
    "Something was mounted in a mount namespace of its own: paths below it are not the host's, and are in the profile as that process named them.",
  );
}

export const directoryCalls: Meanings = {
  chdir,
  fchdir,
  chroot,
  pivot_root: pivotRoot,
  getcwd,
  mount,
  umount,
  umount2: umount,
  oldumount: umount,
  open_tree: openTree,
  move_mount: moveMount,
  fspick: mountAt,
  mount_setattr: mountAt,
};
