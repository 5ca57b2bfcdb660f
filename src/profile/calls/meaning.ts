import type { Syscall } from '../../trace/event.ts';
import type { Observation } from '../observation.ts';
import type { Task } from '../task.ts';

/** What a call does to the model and to the profile. It is given calls that succeeded and calls that failed. */
export type Meaning = (call: Syscall, task: Task, observation: Observation) => void;

/** Meanings by the name of the call. */
export type Meanings = Readonly<Record<string, Meaning>>;

/** Whether the kernel did it: a number that is no error. A call that was cut off, or restarted later, did nothing yet. */
export function succeeded(call: Syscall): boolean {
  return call.result.errno === undefined && call.result.number !== undefined && call.result.number !== -1;
}
