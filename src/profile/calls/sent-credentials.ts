import type { Syscall, Value } from '../../trace/event.ts';
import { elements, field, numberOf } from '../../trace/values.ts';
import { type Ids, sameIds } from '../credentials.ts';
import type { Observation } from '../observation.ts';
import { succeeded } from '../outcome.ts';
import type { Task } from '../task.ts';

/**
 * Who tells a peer that he is somebody else than he is: https://man7.org/linux/man-pages/man7/unix.7.html (SCM_CREDENTIALS). What
 * is his own he may say. A group that the log does not tell is root's for root, and whatever is said for others.
 */
export function forgedCredentials(
  call: Syscall,
  task: Task,
  observation: Observation,
  message: Value | undefined,
): void {
  if (!succeeded(call)) return;
  const { uid, gid, label } = task.credentials;
  const record = (what: string) => observation.recorder.privileged(what, call, label);
  for (const control of elements(field(message, 'msg_control'))) {
    const type = field(control, 'cmsg_type');
    if (type?.kind !== 'text' || !type.text.includes('SCM_CREDENTIALS')) continue;
    const data = field(control, 'cmsg_data');
    const said = (name: string) => numberOf(field(data, name));
    const pid = said('pid');
    const isOwn = task.isNumberedApart || pid === task.process || pid === task.pid;
    if (pid !== undefined && !isOwn) record("another's process number");
    if (isAnothers(said('uid'), uid)) record("another's user");
    if (isAnothers(said('gid'), gid.real < 0 && uid.real === 0 ? sameIds(0) : gid)) record("another's group");
  }
}

function isAnothers(id: number | undefined, { real, effective, saved }: Ids): boolean {
  return id !== undefined && ![real, effective, saved].some((own) => own === id || own < 0);
}
