import type { Value } from '../../trace/event.ts';
import { numberOf } from '../../trace/values.ts';
import type { Observation } from '../observation.ts';
import type { Task } from '../task.ts';

/** Whom a process number stands for, to who uses it: undefined for a thread of his own process. */
export function whose(pid: number | undefined, task: Task, observation: Observation): string | undefined {
  if (pid === undefined || task.isNumberedApart) return 'unknown';
  if (pid === task.process || pid === task.pid) return undefined;
  const other = observation.isOrdered ? observation.tasks.known(pid) : undefined;
  if (other === undefined) return observation.tasks.wasTraced(pid) ? 'a traced process' : 'another process';
  if (other.process === task.process) return undefined;
  const [mine, theirs] = [task.credentials.uid, other.credentials.uid];
  const same = [mine.real, mine.effective].some((id) => id === theirs.real || id === theirs.saved);
  return same ? sameUser : 'a traced process of another user';
}

export const sameUser = 'a traced process of the same user';

/** The same for an argument in which 0 means the caller, and where a process of the same user is nothing to ask about. */
export function stranger(value: Value | undefined, task: Task, observation: Observation): string | undefined {
  const pid = numberOf(value);
  const found = pid === 0 ? undefined : whose(pid, task, observation);
  return found === sameUser ? undefined : found;
}

/** The same for a pidfd. */
export function strangerBehind(
  value: Value | undefined,
  task: Task,
  observation: Observation,
): string | undefined {
  const found = whose(observation.openFile(task, value)?.process, task, observation);
  return found === sameUser ? undefined : found;
}
