import type { TraceEvent } from '../trace/event.ts';

interface Waiting {
  event: TraceEvent;
  file: string;
}

/** How many are kept back before somebody must guess. */
const mostWaiting = 10_000;

/** Events of tasks that could be the children of several: kept, in their order, until a clone's result tells. */
export class WaitingEvents {
  readonly #events = new Map<number, Waiting[]>();
  #size = 0;

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  get isFull(): boolean {
    return this.#size >= mostWaiting;
  }

  has(pid: number): boolean {
    return this.#events.has(pid);
  }

  pids(): number[] {
    return [...this.#events.keys()];
  }

  add(event: TraceEvent, file: string): void {
    const events = this.#events.get(event.pid) ?? [];
    events.push({ event, file });
    this.#events.set(event.pid, events);
    this.#size++;
  }

  take(pid: number): Waiting[] {
    const events = this.#events.get(pid) ?? [];
    this.#events.delete(pid);
    this.#size -= events.length;
    return events;
  }
}
