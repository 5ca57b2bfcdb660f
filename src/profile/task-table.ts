import { childTask, firstTask, type Inherited, nothingInherited, type Sharing, type Task } from './task.ts';

/** A clone, fork or vfork that has begun and whose child is not known yet, or was only guessed. */
interface Birth {
  parent: Task;
  sharing: Sharing;
  /** The task whose first line came before the call returned. */
  guessed: Task | undefined;
}

/**
 * All tasks that live at this point of the log. A child's first line may come before or after its parent's clone returns
 * (vfork: always before), so a pid that is seen for the first time is taken for the child of the oldest clone that is still
 * open, and the clone's result confirms it or puts it right.
 */
export class TaskTable {
  readonly #tasks = new Map<number, Task>();
  readonly #births = new Map<number, Birth>();
  readonly #inherited: (pid: number) => Inherited;
  /** How many tasks were seen, ended ones included. */
  seen = 0;
  /** How many of them were processes, not threads. */
  processes = 0;
  /** Tasks that began before the log did, and of which nothing is known. */
  strangers = 0;

  constructor(inherited: (pid: number) => Inherited | undefined) {
    this.#inherited = (pid) => inherited(pid) ?? nothingInherited;
  }

  get(pid: number): Task {
    return this.#tasks.get(pid) ?? this.#appear(pid);
  }

  /** Whether a process of that number lives and is traced. */
  has(pid: number): boolean {
    return this.#tasks.has(pid);
  }

  birthBegins(parent: Task, sharing: Sharing): void {
    if (!this.#births.has(parent.pid)) this.#births.set(parent.pid, { parent, sharing, guessed: undefined });
  }

  birthEnds(parent: Task, sharing: Sharing, child: number | undefined): void {
    const birth = this.#births.get(parent.pid);
    this.#births.delete(parent.pid);
    if (child === undefined || child <= 0 || birth?.guessed?.pid === child) return;
    const early = this.#tasks.get(child);
    if (early !== undefined) adopt(early, parent, sharing);
    // In another pid namespace the result is that namespace's number, and the child has lines under another one already.
    else if (birth?.guessed === undefined) this.#add(childTask(child, parent, sharing));
  }

  end(pid: number): void {
    this.#tasks.delete(pid);
    this.#births.delete(pid);
  }

  /** execve in one thread ends the others; from then on the program runs under the leader's number. */
  superseded(leader: number, by: number): void {
    const winner = this.#tasks.get(by);
    this.end(by);
    if (winner !== undefined) this.#tasks.set(leader, { ...winner, pid: leader, process: leader });
  }

  #appear(pid: number): Task {
    for (const birth of this.#births.values()) {
      if (birth.guessed !== undefined) continue;
      birth.guessed = childTask(pid, birth.parent, birth.sharing);
      return this.#add(birth.guessed);
    }
    const task = firstTask(pid, this.#inherited(pid));
    if (this.seen > 0) this.strangers++;
    return this.#add(task);
  }

  #add(task: Task): Task {
    this.#tasks.set(task.pid, task);
    this.seen++;
    if (task.process === task.pid) this.processes++;
    return task;
  }
}

/** Gives a task that was guessed to be somebody else's child its real parent's directories and descriptors. */
function adopt(child: Task, parent: Task, sharing: Sharing): void {
  const right = childTask(child.pid, parent, sharing);
  if (child.directories.current === undefined) child.directories = right.directories;
  if (sharing.files) child.descriptors = right.descriptors;
  child.process = right.process;
}
