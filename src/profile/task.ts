import { DescriptorTable } from './descriptors.ts';

/**
 * What a task (a thread, in the kernel's sense) shares with others or has of its own. The objects are shared by reference,
 * exactly where the kernel shares them: https://man7.org/linux/man-pages/man2/clone.2.html
 */
export interface Task {
  pid: number;
  /** The process to which the thread belongs: its leader's pid. */
  process: number;
  descriptors: DescriptorTable;
  directories: Directories;
  /** `32 bit` or `x32` where the task said that it is not of the native ABI. */
  abi: string | undefined;
}

/** Working directory and root, shared under CLONE_FS. */
export interface Directories {
  /** Path text as seen from the real root; undefined where the log doesn't tell. */
  current: string | undefined;
  /** Path text: `/` unless the task called chroot or pivot_root. */
  root: string;
}

/** What is known of a task before its first line, for example because a running process was attached to. */
export interface Inherited {
  current: string | undefined;
  root: string;
  descriptors: ReadonlyMap<number, string>;
}

export const nothingInherited: Inherited = { current: undefined, root: '/', descriptors: new Map() };

/** A task of which nothing is known but what it inherited from before the log. */
export function firstTask(pid: number, inherited: Inherited): Task {
  const descriptors = new DescriptorTable();
  for (const [fd, path] of inherited.descriptors) descriptors.open(fd, { path, family: undefined }, false);
  return {
    pid,
    process: pid,
    descriptors,
    directories: { current: inherited.current, root: inherited.root },
    abi: undefined,
  };
}

/** Which of a parent's objects a new task shares, as clone's flags say. */
export interface Sharing {
  files: boolean;
  directories: boolean;
  thread: boolean;
}

export const forkSharing: Sharing = { files: false, directories: false, thread: false };

export function childTask(pid: number, parent: Task, sharing: Sharing): Task {
  return {
    pid,
    process: sharing.thread ? parent.process : pid,
    descriptors: sharing.files ? parent.descriptors : parent.descriptors.copy(),
    directories: sharing.directories ? parent.directories : { ...parent.directories },
    abi: parent.abi,
  };
}

/** execve closes what is close-on-exec, and leaves tables that were shared with others: each has its own from then on. */
export function startProgram(task: Task): void {
  task.descriptors = task.descriptors.afterExec();
  task.process = task.pid;
  task.abi = undefined;
}
