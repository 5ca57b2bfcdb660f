/** The first half of a call: its end has not come. */
export interface OpenCall {
  pid: number;
  name: string;
  /** What stands behind `name(`. */
  text: string;
  line: number;
}

/**
 * The calls that other lines interrupted. A thread has one at most: over millions of lines no second call and no signal of a
 * thread came between the halves.
 */
export class OpenCalls {
  private readonly calls = new Map<number, OpenCall>();
  /** The thread whose execve goes on under the number of its leader: leader → thread. */
  private readonly moved = new Map<number, number>();

  get(pid: number): OpenCall | undefined {
    return this.calls.get(pid);
  }

  add(open: OpenCall): void {
    this.calls.set(open.pid, open);
  }

  drop(pid: number): void {
    this.calls.delete(pid);
  }

  /** The execve of `thread` will end under the number `leader`. */
  move(leader: number, thread: number): void {
    this.moved.set(leader, thread);
  }

  /** The call of that name which ends under the number `pid`, if its first half is in the log. */
  take(pid: number, name: string): OpenCall | undefined {
    const own = this.calls.get(pid);
    if (own !== undefined) {
      this.calls.delete(pid);
      return own.name === name ? own : undefined;
    }
    if (name !== 'execve' && name !== 'execveat') return undefined;
    const thread = this.moved.get(pid) ?? this.only(name);
    this.moved.delete(pid);
    const open = thread === undefined ? undefined : this.calls.get(thread);
    if (open?.name !== name) return undefined;
    this.calls.delete(open.pid);
    return open;
  }

  /** With `-qqq` the line that names the thread is missing. */
  private only(name: string): number | undefined {
    const found = [...this.calls.values()].filter((open) => open.name === name);
    return found.length === 1 ? found[0]?.pid : undefined;
  }
}
