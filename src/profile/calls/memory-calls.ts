import type { Syscall } from '../../trace/event.ts';
import { numberOf } from '../../trace/values.ts';
import { hasFlag } from '../known-flags.ts';
import { isCode, withCode, withoutCode } from '../memory.ts';
import type { Observation } from '../observation.ts';
import type { Task } from '../task.ts';
import { type ClassOf, recordedAll } from './class-of.ts';
import type { Meanings } from './meaning.ts';

/**
 * Memory that is executable, and what it was before: a filter sees only what is asked for, the kernel also knows what was there.
 * https://github.com/systemd/systemd/blob/v252/src/shared/seccomp-util.c (seccomp_memory_deny_write_execute),
 * https://man7.org/linux/man-pages/man2/PR_SET_MDWE.2const.html
 */

/** Addresses are whole pages. */
const page = 4096;

function range(start: number | undefined, length: number | undefined): [number, number] | undefined {
  if (start === undefined || length === undefined || start < 0) return undefined;
  return [start, start + Math.ceil(length / page) * page];
}

/** From now on the memory is code, or it is not. */
function becomes(isExecutable: boolean, at: [number, number] | undefined, task: Task): void {
  if (at === undefined) return;
  const change = isExecutable ? withCode : withoutCode;
  task.memory.code = change(task.memory.code, ...at);
}

const mapped: ClassOf = ({ args, result }, task) => {
  const [, length, protection] = args;
  const isExecutable = hasFlag(protection, 'PROT_EXEC');
  if (isExecutable || task.memory.code.length > 0)
    becomes(isExecutable, range(result.number, numberOf(length)), task);
  return isExecutable && hasFlag(protection, 'PROT_WRITE') ? 'written and executed' : undefined;
};

const protectedAgain: ClassOf = ({ args }, task, observation) => {
  const [start, length, protection] = args;
  const at = range(numberOf(start), numberOf(length));
  const isExecutable = hasFlag(protection, 'PROT_EXEC');
  const wasCode = at !== undefined && isKnown(observation) && isCode(task.memory.code, ...at);
  becomes(isExecutable, at, task);
  if (!isExecutable) return undefined;
  if (hasFlag(protection, 'PROT_WRITE')) return 'written and executed';
  return wasCode ? 'executable again' : 'made executable';
};

/** In a set of files the calls of threads have no order. */
function isKnown({ isOrdered }: Observation): boolean {
  return isOrdered;
}

/** How far a segment goes its size tells, which is not in the call. */
const longestSegment = 2 ** 30;

const attached: ClassOf = ({ args, result }: Syscall, task) => {
  const flags = args[2];
  becomes(false, range(result.number, longestSegment), task);
  if (!hasFlag(flags, 'SHM_EXEC')) return undefined;
  return hasFlag(flags, 'SHM_RDONLY') ? 'mapped executable' : 'written and executed';
};

export const memoryCalls: Meanings = recordedAll({
  mmap: mapped,
  mmap2: mapped,
  mprotect: protectedAgain,
  pkey_mprotect: protectedAgain,
  shmat: attached,
});
