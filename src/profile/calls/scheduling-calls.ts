import type { Value } from '../../trace/event.ts';
import { elements, field, numberOf } from '../../trace/values.ts';
import { hasFlag } from '../known-flags.ts';
import type { Observation } from '../observation.ts';
import type { Task } from '../task.ts';
import type { ClassOf } from './class-of.ts';
import { stranger } from './other-process.ts';

/**
 * Calls by which a process is given more of the machine than others: https://man7.org/linux/man-pages/man7/sched.7.html. For itself
 * anybody may ask for less, or for the same.
 */

function textOf(value: Value | undefined): string {
  return value?.kind === 'text' ? value.text.slice(0, 80) : '';
}

/** A policy or a class of one's own, or of somebody else. */
function about(what: string, value: Value | undefined, task: Task, observation: Observation): string {
  const other = stranger(value, task, observation);
  return other === undefined ? what : `${what} of ${other}`;
}

/**
 * A lower nice value than before. What a unit starts with is taken for 0: Nice= stands in few units.
 * https://man7.org/linux/man-pages/man2/setpriority.2.html
 */
const setpriority: ClassOf = ({ args }, task, observation) => {
  const [which, who, value] = args;
  if (textOf(which) === 'PRIO_USER') return 'nice value of a user';
  const other = textOf(which) === 'PRIO_PROCESS' ? stranger(who, task, observation) : undefined;
  if (other !== undefined) return `nice value of ${other}`;
  return lowered(numberOf(value), task);
};

/** nice(2) adds to what there is. */
const nice: ClassOf = ({ args }, task) => lowered(task.nice + (numberOf(args[0]) ?? 0), task);

function lowered(value: number | undefined, task: Task): string | undefined {
  const before = task.nice;
  if (value !== undefined) task.nice = value;
  return value === undefined || value < before ? 'a lower nice value' : undefined;
}

const policy: ClassOf = ({ args }, task, observation) => about(textOf(args[1]), args[0], task, observation);

const parameters: ClassOf = ({ args }, task, observation) => {
  const priority = numberOf(elements(args[1])[0]) ?? numberOf(field(args[1], 'sched_priority'));
  const other = stranger(args[0], task, observation);
  if (priority === 0 && other === undefined) return undefined;
  return about('a real-time priority', args[0], task, observation);
};

/** https://man7.org/linux/man-pages/man2/sched_setattr.2.html; what the flags say is kept is not printed. */
const attributes: ClassOf = ({ args }, task, observation) => {
  const [pid, attribute] = args;
  const name = textOf(field(attribute, 'sched_policy'));
  const flags = field(attribute, 'sched_flags');
  if (name === '' && hasFlag(flags, 'SCHED_FLAG_KEEP_POLICY'))
    return stranger(pid, task, observation) === undefined
      ? undefined
      : about('limits', pid, task, observation);
  const isUsual = /^SCHED_(?:OTHER|NORMAL|BATCH)/.test(name);
  const lower = isUsual ? lowered(numberOf(field(attribute, 'sched_nice')) ?? 0, task) : undefined;
  return about(lower === undefined ? name : `${name} with ${lower}`, pid, task, observation);
};

const affinity: ClassOf = ({ args }, task, observation) => {
  const other = stranger(args[0], task, observation);
  return other === undefined ? undefined : `of ${other}`;
};

/** `IOPRIO_PRIO_VALUE(IOPRIO_CLASS_RT, 4)`: https://man7.org/linux/man-pages/man2/ioprio_set.2.html */
const ioPriority: ClassOf = ({ args }, task, observation) => {
  const [which, who, value] = args;
  const kind = value?.kind === 'call' ? textOf(value.args[0]) : textOf(value);
  const other = textOf(which) === 'IOPRIO_WHO_PROCESS' ? stranger(who, task, observation) : undefined;
  if (other !== undefined) return `${kind} of ${other}`;
  // A number: the class stands in its upper bits.
  const isRealTime = kind === 'IOPRIO_CLASS_RT' || (Number(kind) || 0) >> 13 === 1;
  return isRealTime ? 'IOPRIO_CLASS_RT' : undefined;
};

/** Pages that others use too: https://man7.org/linux/man-pages/man2/mbind.2.html */
const moveAll =
  (flags: number): ClassOf =>
  ({ args }) =>
    hasFlag(args[flags], 'MPOL_MF_MOVE_ALL') ? 'MPOL_MF_MOVE_ALL' : undefined;

const movePages: ClassOf = (call, task, observation) =>
  affinity(call, task, observation) ?? moveAll(5)(call, task, observation);

export const schedulingClasses: Readonly<Record<string, ClassOf>> = {
  setpriority,
  nice,
  ioprio_set: ioPriority,
  sched_setscheduler: policy,
  sched_setparam: parameters,
  sched_setattr: attributes,
  sched_setaffinity: affinity,
  mbind: moveAll(5),
  migrate_pages: affinity,
  move_pages: movePages,
};
