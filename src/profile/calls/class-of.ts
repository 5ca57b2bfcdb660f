import type { Syscall } from '../../trace/event.ts';
import type { Observation } from '../observation.ts';
import { succeeded } from '../outcome.ts';
import type { Task } from '../task.ts';
import type { Meaning, Meanings } from './meaning.ts';

/**
 * The class of a call's arguments on which it depends whether the kernel asks for a capability, or whether a filter refuses the call;
 * undefined where neither does.
 */
export type ClassOf = (call: Syscall, task: Task, observation: Observation) => string | undefined;

/** Longer ones are nobody's constant. */
const longest = 80;

export function textAt(position: number): ClassOf {
  return ({ args }) => {
    const value = args[position];
    return value?.kind === 'text' ? value.text.slice(0, longest) : '';
  };
}

export const always: ClassOf = () => '';

/** What is kept of a call that worked. */
export function recorded(classOf: ClassOf): Meaning {
  return (call, task, observation) => {
    if (!succeeded(call)) return;
    const what = classOf(call, task, observation);
    if (what !== undefined) observation.recorder.privileged(what, call, task.credentials.label);
  };
}

export function recordedAll(classes: Readonly<Record<string, ClassOf>>): Meanings {
  return Object.fromEntries(Object.entries(classes).map(([name, classOf]) => [name, recorded(classOf)]));
}
