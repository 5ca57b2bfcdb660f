import type { PidForm } from './line-prefix.ts';

/**
 * Which process a line belongs to. On a terminal strace numbers lines only while two or more tracees exist, so a line without
 * a number belongs to the only one left; the first process shows its number late or never. One process keeps one number: what
 * began as 0 stays 0.
 */
export class TraceeNumbers {
  private readonly fallback: number;
  /** The number under which process 0 turned out to be known. */
  private first: number | undefined;
  private readonly alive = new Set<number>();
  /** Results of fork and clone that no line and no message has shown yet. */
  private readonly forked = new Set<number>();
  private numbersSeen = false;

  /** `fallback` is the number of lines that carry none, where the name of the file tells it. */
  constructor(fallback: number) {
    this.fallback = fallback;
  }

  /** `waiting`: process 0 is inside a call; `resumesFirst`: the line is the end of just that call. */
  of(form: PidForm, pid: number, waiting: boolean, resumesFirst: boolean): number {
    if (form === 'file') return pid;
    if (this.fallback !== 0) return form === 'none' ? this.fallback : pid;
    return form === 'none' ? this.unnumbered() : this.numbered(pid, waiting, resumesFirst);
  }

  /** The number that a message or a result names. */
  known(pid: number): number {
    return pid === this.first ? 0 : pid;
  }

  /**
   * The number that a message about a process's own doing names: with no other tracee, that of process 0, which may show its
   * number nowhere else. `waiting`: process 0 is inside a call.
   */
  named(pid: number, waiting: boolean): number {
    const isOnly = this.alive.size === 1 && this.alive.has(0) && !this.forked.has(pid);
    if (isOnly && this.first === undefined && !waiting) this.first = pid;
    return this.known(pid);
  }

  attached(pid: number): void {
    this.forked.delete(pid);
    this.alive.add(this.known(pid));
  }

  created(pid: number): void {
    if (!this.alive.has(pid)) this.forked.add(pid);
  }

  ended(pid: number): void {
    this.alive.delete(pid);
    this.forked.delete(pid);
    if (pid === 0) this.first = undefined;
  }

  private numbered(pid: number, waiting: boolean, resumesFirst: boolean): number {
    this.numbersSeen = true;
    if (pid === this.first) return 0;
    if (this.alive.has(pid)) return pid;
    const isChild = this.forked.delete(pid);
    if (!isChild && this.first === undefined && this.alive.has(0) && (resumesFirst || !waiting)) {
      this.first = pid;
      return 0;
    }
    this.alive.add(pid);
    return pid;
  }

  private unnumbered(): number {
    if (this.alive.size === 1) for (const only of this.alive) return only;
    if (this.alive.size === 0) {
      if (this.numbersSeen && this.forked.size === 1) {
        for (const only of this.forked) {
          this.attached(only);
          return only;
        }
      }
      this.alive.add(0);
    }
    return 0;
  }
}
