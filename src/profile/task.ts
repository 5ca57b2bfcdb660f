import { afterExec, type Credentials, withNewUsers } from './credentials.ts';
import { DescriptorTable, openedFile } from './descriptors.ts';
import { type Memory, newMemory } from './memory.ts';

/**
 * What a task (a thread, in the kernel's sense) shares with others or has of its own. The objects are shared by reference,
 * exactly where the kernel shares them: https://man7.org/linux/man-pages/man2/clone.2.html
 */
export interface Task {
  pid: number;
  /** Whether it came before another. */
  order: number;
  /** The process to which the thread belongs: its leader's pid. */
  process: number;
  descriptors: DescriptorTable;
  directories: Directories;
  mounts: MountNamespace;
  memory: Memory;
  /** A thread has credentials of its own: https://man7.org/linux/man-pages/man7/nptl.7.html */
  credentials: Credentials;
  /** Hard limits of resources, as far as it asked for them or set them. */
  hardLimits: Map<string, number>;
  /** Its nice value, taken for 0 until it sets one. */
  nice: number;
  /** The program that it runs, as path text; undefined where the log doesn't tell. */
  program: string | undefined;
  /** `32 bit` or `x32` where the task said that it is not of the native ABI. */
  abi: string | undefined;
  /** In a pid namespace of its own: numbers that it sees are not those of the log. */
  isNumberedApart: boolean;
  /** unshare(CLONE_NEWPID) and setns put the children there, not the caller. */
  numbersChildrenApart: boolean;
  /** It called exit or exit_group: a call under its number after that is another task's. */
  isLeaving: boolean;
  /** Whether the log has a line of it: a child that is not traced has none. */
  hasLine: boolean;
  /** It began before the log did, or its birth is not in it: whose thread it is nobody knows. */
  isStranger: boolean;
  /** A sibling called exit_group: a child that gets its number is another task. */
  mayBeGone: boolean;
}

/** Working directory and root, shared under CLONE_FS. */
export interface Directories {
  /** Path text as seen from the real root; undefined where the log doesn't tell. */
  current: string | undefined;
  /** Path text: `/` unless the task called chroot or pivot_root; undefined after a chroot into a place that nobody knows. */
  root: string | undefined;
  /** Several tasks change it, and the log doesn't tell when: never known until one of them has its own. */
  isUnsettled: boolean;
  /** Tasks that share it and have not had a line yet: without -f they never will. */
  unseen: Set<number>;
}

/** Tasks that see the same mounts: https://man7.org/linux/man-pages/man7/mount_namespaces.7.html */
export interface MountNamespace {
  /** Not the one in which the trace began. */
  isOwn: boolean;
}

/** What is known of a task before its first line, for example because a running process was attached to. */
export interface Inherited {
  current: string | undefined;
  root: string;
  descriptors: ReadonlyMap<number, string>;
  /** Filled in where it is not what the context of the trace says. */
  uid?: number | undefined;
}

export const nothingInherited: Inherited = { current: undefined, root: '/', descriptors: new Map() };

/** A task of which nothing is known but what it inherited from before the log. */
export function firstTask(
  pid: number,
  inherited: Inherited,
  mounts: MountNamespace,
  credentials: Credentials,
): Task {
  const descriptors = new DescriptorTable();
  for (const [fd, path] of inherited.descriptors) descriptors.open(fd, openedFile(path), false);
  return {
    pid,
    order: 0,
    process: pid,
    descriptors,
    directories: { current: inherited.current, root: inherited.root, isUnsettled: false, unseen: new Set() },
    mounts,
    memory: newMemory(),
    credentials,
    hardLimits: new Map(),
    nice: 0,
    program: undefined,
    abi: undefined,
    isNumberedApart: false,
    numbersChildrenApart: false,
    isLeaving: false,
    hasLine: false,
    isStranger: true,
    mayBeGone: false,
  };
}

/** Which of a parent's objects a new task shares, as clone's flags say, and which namespaces it begins. */
export interface Sharing {
  files: boolean;
  directories: boolean;
  memory: boolean;
  thread: boolean;
  newMounts: boolean;
  newPids: boolean;
  newUsers: boolean;
  /** The log doesn't show the flags. */
  isUnknown: boolean;
}

export const forkSharing: Sharing = {
  files: false,
  directories: false,
  memory: false,
  thread: false,
  newMounts: false,
  newPids: false,
  newUsers: false,
  isUnknown: false,
};

/** What fork and unshare(CLONE_FS) make: a copy that nobody else changes. */
export function ownDirectories(directories: Directories): Directories {
  return { ...directories, isUnsettled: false, unseen: new Set() };
}

export function childTask(pid: number, parent: Task, sharing: Sharing): Task {
  const isNumberedApart = parent.isNumberedApart || parent.numbersChildrenApart || sharing.newPids;
  return {
    pid,
    order: 0,
    process: sharing.thread ? parent.process : pid,
    descriptors: sharing.files ? parent.descriptors : parent.descriptors.copy(),
    directories: sharing.directories ? parent.directories : ownDirectories(parent.directories),
    mounts: sharing.newMounts ? { isOwn: true } : parent.mounts,
    memory: sharing.isUnknown ? newMemory() : sharing.memory ? parent.memory : newMemory(parent.memory.code),
    credentials: sharing.newUsers ? withNewUsers(parent.credentials) : parent.credentials,
    hardLimits: new Map(),
    nice: parent.nice,
    program: parent.program,
    abi: parent.abi,
    isNumberedApart,
    numbersChildrenApart: false,
    isLeaving: false,
    hasLine: false,
    isStranger: false,
    mayBeGone: false,
  };
}

/**
 * execve closes what is close-on-exec and leaves a table that was shared with others; working directory and root stay shared.
 * https://man7.org/linux/man-pages/man2/execve.2.html
 */
export function startProgram(task: Task, program: string | undefined): void {
  task.descriptors = task.descriptors.afterExec();
  task.process = task.pid;
  task.program = program;
  task.isStranger = false;
  // Its threads are gone, and with them who moved it at times that nobody knows.
  if (task.directories.isUnsettled) task.directories = ownDirectories(task.directories);
  task.abi = undefined;
  task.memory = newMemory();
  task.credentials = afterExec(task.credentials);
}
