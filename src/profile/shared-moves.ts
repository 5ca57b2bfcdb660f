import type { Syscall, TraceEvent } from '../trace/event.ts';
import type { Skimming } from '../trace/skimming.ts';
import { births, sharingOf } from './calls/process-calls.ts';
import { succeeded } from './outcome.ts';

const moves: ReadonlySet<string> = new Set(['chdir', 'fchdir', 'chroot', 'pivot_root']);

/**
 * A set of files of `-ff` doesn't tell in which order threads did things. Where one of several that share a working directory
 * changes it, nobody knows for which relative paths of the others that counts. This looks through such a set beforehand and
 * finds those tasks. A change before the first thread is born leaves all clear.
 */
export class SharedMoves {
  /** Each task that shares with another → the one that began it. */
  readonly #sharesWith = new Map<number, number>();
  readonly #moved = new Set<number>();
  /** Tasks that moved before it was known that they share: the file of a thread may come before its parent's. */
  readonly #early = new Set<number>();

  event(event: TraceEvent): void {
    if (event.kind !== 'call') return;
    if (births.has(event.name)) this.#born(event);
    else if (moves.has(event.name) && succeeded(event)) this.#moves(event.pid);
  }

  /** Nothing but these calls matters here. */
  skimming(): Skimming {
    return {
      speaks: (name) => births.has(name) || moves.has(name),
      gistOf: () => undefined,
      isSettled: () => true,
      counted: () => {},
      mark: 0,
      again: () => false,
    };
  }

  /** Whether the working directory of a task is moved by somebody at a time that the set doesn't tell. */
  has(pid: number): boolean {
    return this.#moved.has(this.#first(pid));
  }

  #born(call: Syscall): void {
    const child = call.result.number;
    if (!succeeded(call) || child === undefined || child === call.pid) return;
    if (!sharingOf(call.name, call.args).directories) return;
    this.#sharesWith.set(call.pid, this.#sharesWith.get(call.pid) ?? call.pid);
    if (this.#first(call.pid) !== child) this.#sharesWith.set(child, call.pid);
    if (this.#early.delete(child)) this.#moves(child);
  }

  #moves(pid: number): void {
    if (this.#sharesWith.has(pid)) this.#moved.add(this.#first(pid));
    else this.#early.add(pid);
  }

  #first(pid: number): number {
    const seen = new Set<number>();
    let at = pid;
    for (let next = this.#sharesWith.get(at); next !== undefined && next !== at && !seen.has(next); ) {
      seen.add(at);
      at = next;
      next = this.#sharesWith.get(at);
    }
    return at;
  }
}
