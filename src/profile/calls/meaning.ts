import type { Syscall } from '../../trace/event.ts';
import type { Observation } from '../observation.ts';
import type { Task } from '../task.ts';

/** What a call does to the model and to the profile. It is given calls that succeeded and calls that failed. */
export type Meaning = (call: Syscall, task: Task, observation: Observation) => void;

/** Meanings by the name of the call. */
export type Meanings = Readonly<Record<string, Meaning>>;
