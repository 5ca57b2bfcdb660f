import { type Credentials, initialCredentials } from './credentials.ts';
import type { Caller } from './profile.ts';
import {
  childTask,
  firstTask,
  type Inherited,
  type MountNamespace,
  nothingInherited,
  type Sharing,
  type Task,
} from './task.ts';

/** A clone, fork or vfork that has begun and whose child is not known yet, or was only guessed. */
interface Birth {
  parent: Task;
  sharing: Sharing;
  /** The task whose first line came before the call returned. */
  guessed: number | undefined;
}

/** How many tasks that said goodbye, and whose end the log doesn't show, are kept. */
const mostLeaving = 4096;

/**
 * All tasks that live at this point of the log. A child's first line may come before or after its parent's clone returns
 * (vfork: always before), so a pid that is seen for the first time is taken for the child of a clone that is still open.
 * Where that could be several, `get` knows no answer until their results do.
 */
export class TaskTable {
  readonly #tasks = new Map<number, Task>();
  /** By the parent's number; by {@link apartFrom} that where the child's number is not known even when the call has returned. */
  readonly #births = new Map<number | string, Birth>();
  readonly #leaving = new Set<number>();
  /** Every number that was a task's, also of those that have ended. */
  readonly #traced = new Set<number>();
  readonly #inherited: (pid: number) => Inherited | undefined;
  readonly #credentials: Credentials;
  readonly #mounts: MountNamespace = { isOwn: false };
  /** The process with which the log, or a run that was appended to it, begins. */
  #first: number | undefined;
  /** How many tasks were seen, ended ones included. */
  seen = 0;
  /** How many of them were processes, not threads. */
  processes = 0;
  /** Tasks that began before the log did, and of which nothing is known. */
  strangers = 0;

  constructor(inherited: (pid: number) => Inherited | undefined, uid: number) {
    this.#inherited = inherited;
    this.#credentials = initialCredentials(uid);
  }

  /** The task of a line. Undefined as long as it may be the child of one of several. */
  get(pid: number): Task | undefined {
    const task = this.#tasks.get(pid);
    return task !== undefined && !task.isLeaving ? task : this.#appear(pid);
  }

  /** The task, if it is known by now: nothing is guessed. */
  known(pid: number): Task | undefined {
    return this.#tasks.get(pid);
  }

  /** Whether a process of that number was traced at any time: with `-ff` its lines may come later. */
  wasTraced(pid: number): boolean {
    return this.#traced.has(pid);
  }

  /** Whether a task belongs to the process with which the run began. */
  whoIs({ process }: Task): Caller['by'] {
    return process === this.#first ? 'the first process' : 'another process';
  }

  /** Another run begins: its first process is as good as that of the run before it. */
  beginAnew(): void {
    this.#first = undefined;
  }

  /** Whether all that began have ended. */
  get isEmpty(): boolean {
    return this.#tasks.size === 0;
  }

  all(): Iterable<Task> {
    return this.#tasks.values();
  }

  birthBegins(parent: Task, sharing: Sharing): void {
    if (!this.#births.has(parent.pid)) this.#births.set(parent.pid, { parent, sharing, guessed: undefined });
  }

  /** The call returned: `child` is its result, undefined where it failed. */
  birthEnds(parent: Task, sharing: Sharing, child: number | undefined): void {
    const birth = this.#births.get(parent.pid);
    this.#births.delete(parent.pid);
    if (child === undefined || child <= 0 || birth?.guessed === child) return;
    if (parent.isNumberedApart) {
      // The result counts in another pid namespace: the child is the one that was guessed, or the next to appear.
      if (birth?.guessed === undefined)
        this.#births.set(apartFrom(parent), { parent, sharing, guessed: undefined });
      return;
    }
    const early = this.#tasks.get(child);
    if (early === undefined || early.isLeaving || early.mayBeGone)
      this.#add(childTask(child, parent, sharing));
    else adopt(early, parent, sharing);
  }

  end(pid: number): void {
    this.#tasks.delete(pid);
    this.#births.delete(pid);
    this.#leaving.delete(pid);
  }

  /** exit, or exit_group: a log without exit lines (`-qq`) says no more about it. */
  leaves(task: Task): void {
    task.isLeaving = true;
    this.#soonGone(task);
  }

  /** exit_group ends the siblings too, but what they were at may still be finished. */
  leavesWithThreads(task: Task): void {
    this.leaves(task);
    for (const other of this.#tasks.values()) {
      if (other.process !== task.process || other === task) continue;
      other.mayBeGone = true;
      this.#soonGone(other);
    }
  }

  #soonGone(task: Task): void {
    this.#leaving.add(task.pid);
    if (this.#leaving.size <= mostLeaving) return;
    for (const oldest of this.#leaving) {
      this.end(oldest);
      return;
    }
  }

  /** execve in one thread ends the others; from then on the program runs under the leader's number. */
  superseded(leader: number, by: number): void {
    const winner = this.#tasks.get(by);
    this.end(by);
    if (winner !== undefined) {
      this.#leaving.delete(leader);
      this.#tasks.set(leader, {
        ...winner,
        pid: leader,
        process: leader,
        isLeaving: false,
        mayBeGone: false,
      });
    }
  }

  /** After execve the process has one thread, whether or not the log shows how the others ended. */
  endThreadsOf(task: Task): void {
    if (this.#tasks.size === 1) return;
    for (const other of this.#tasks.values()) {
      if (other.process === task.process && other !== task) this.end(other.pid);
    }
  }

  /** A task for a number that could be any of several children: the oldest clone gets it. */
  guess(pid: number): Task {
    for (const birth of this.#births.values()) if (birth.guessed === undefined) return this.#bear(pid, birth);
    return this.#stranger(pid);
  }

  #appear(pid: number): Task | undefined {
    let first: Birth | undefined;
    for (const birth of this.#births.values()) {
      if (birth.guessed !== undefined) continue;
      if (first === undefined) first = birth;
      else if (!areAlike(first, birth)) return undefined;
    }
    return first === undefined ? this.#stranger(pid) : this.#bear(pid, first);
  }

  #bear(pid: number, birth: Birth): Task {
    birth.guessed = pid;
    this.#births.delete(apartFrom(birth.parent));
    return this.#add(childTask(pid, birth.parent, birth.sharing));
  }

  #stranger(pid: number): Task {
    const inherited = this.#inherited(pid);
    if (inherited === undefined || !this.isEmpty) this.strangers++;
    const { uid } = inherited ?? nothingInherited;
    const credentials = uid === undefined ? this.#credentials : initialCredentials(uid);
    return this.#add(firstTask(pid, inherited ?? nothingInherited, this.#mounts, credentials));
  }

  #add(task: Task): Task {
    this.#leaving.delete(task.pid);
    task.order = this.seen;
    this.#first ??= task.process;
    this.#tasks.set(task.pid, task);
    this.#traced.add(task.pid);
    this.seen++;
    if (task.process === task.pid) this.processes++;
    return task;
  }
}

const apartFrom = ({ pid }: Task): string => `apart from ${pid}`;

/** Whether it makes no difference of which of two clones a task is the child. */
function areAlike(a: Birth, b: Birth): boolean {
  const [one, other] = [a.parent, b.parent];
  return (
    one.descriptors === other.descriptors &&
    one.directories === other.directories &&
    one.mounts === other.mounts &&
    one.credentials === other.credentials &&
    one.process === other.process &&
    one.isNumberedApart === other.isNumberedApart &&
    a.sharing.files === b.sharing.files &&
    a.sharing.directories === b.sharing.directories &&
    a.sharing.thread === b.sharing.thread
  );
}

/** Gives a task that was taken for somebody else's child its real parent's directories and descriptors. */
function adopt(child: Task, parent: Task, sharing: Sharing): void {
  const right = childTask(child.pid, parent, sharing);
  if (child.directories.current === undefined) child.directories = right.directories;
  if (sharing.files) child.descriptors = right.descriptors;
  if (child.credentials.isAssumed) child.credentials = right.credentials;
  child.process = right.process;
}
