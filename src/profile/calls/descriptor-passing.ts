import type { Syscall, UnfinishedCall, Value } from '../../trace/event.ts';
import { elements, fdNumber, field } from '../../trace/values.ts';
import type { OpenFile } from '../descriptors.ts';
import { hasFlag } from '../known-flags.ts';
import type { Observation } from '../observation.ts';
import { failureOf, succeeded } from '../outcome.ts';
import type { Task } from '../task.ts';
import type { Meaning } from './meaning.ts';

/**
 * Descriptors that travel over a socket: https://man7.org/linux/man-pages/man7/unix.7.html (SCM_RIGHTS). strace -y says what
 * arrives; without that only a socketpair tells for sure from whom it came, and only as long as one message is under way.
 */

/** The items of each SCM_RIGHTS in a `struct msghdr`. */
function rightsIn(message: Value | undefined): Value[][] {
  const rights: Value[][] = [];
  for (const control of elements(field(message, 'msg_control'))) {
    const type = field(control, 'cmsg_type');
    if (type?.kind === 'text' && (type.text.includes('SCM_RIGHTS') || /^(?:0x)?1$/.test(type.text)))
      rights.push(elements(field(control, 'cmsg_data')));
  }
  return rights;
}

/** Calls whose first half was taken for the whole: what arrives may have arrived before the sender's line is complete. */
const begun = new WeakMap<OpenFile, Map<number, (OpenFile | undefined)[]>>();

/** The first half of a sendmsg: what it sends may be received before it returns. */
export function sendingBegins(call: UnfinishedCall, task: Task, observation: Observation): void {
  const peer = peerOf(call.args[0], task, observation);
  if (peer === undefined) return;
  for (const items of rightsIn(call.args[1])) {
    const files = items.map((item) => observation.openFile(task, item));
    peer.inbox.push(files);
    const open = begun.get(peer) ?? new Map<number, (OpenFile | undefined)[]>();
    open.set(call.line, files);
    begun.set(peer, open);
  }
}

export function sent(call: Syscall, task: Task, observation: Observation): void {
  const peer = peerOf(call.args[0], task, observation);
  if (peer === undefined) return;
  const early = begun.get(peer)?.get(call.line);
  if (early !== undefined) {
    begun.get(peer)?.delete(call.line);
    if (failureOf(call) !== undefined) peer.inbox = peer.inbox.filter((files) => files !== early);
    return;
  }
  if (!succeeded(call)) return;
  for (const items of rightsIn(call.args[1]))
    peer.inbox.push(items.map((item) => observation.openFile(task, item)));
  // Nobody who is traced reads them.
  if (peer.inbox.length > mostUnderWay) peer.inbox.shift();
}

const mostUnderWay = 64;

function peerOf(socket: Value | undefined, task: Task, observation: Observation): OpenFile | undefined {
  return observation.isOrdered ? observation.openFile(task, socket)?.peer : undefined;
}

export const received: Meaning = (call, task, observation) => {
  if (!succeeded(call)) return;
  take(call, call.args[1], hasFlag(call.args[2], 'MSG_CMSG_CLOEXEC'), task, observation);
};

/** `recvmmsg(3, [{msg_hdr={…}, msg_len=1}], …)` */
export const receivedMany: Meaning = (call, task, observation) => {
  if (!succeeded(call)) return;
  const closeOnExec = hasFlag(call.args[3], 'MSG_CMSG_CLOEXEC');
  for (const item of elements(call.args[1]))
    take(call, field(item, 'msg_hdr'), closeOnExec, task, observation);
};

function take(
  call: Syscall,
  message: Value | undefined,
  closeOnExec: boolean,
  task: Task,
  observation: Observation,
): void {
  for (const items of rightsIn(message)) {
    const files = underWay(observation.openFile(task, call.args[0]), items.length);
    items.forEach((item, index) => {
      const fd = fdNumber(item);
      if (fd === undefined) return;
      // Whatever the number meant before, it doesn't any more.
      task.descriptors.close(fd);
      const file = files?.[index] ?? observation.openFile(task, item);
      if (file !== undefined) task.descriptors.open(fd, file, closeOnExec);
    });
  }
}

/** What the message holds, where only one can be meant: a plain read in between would have thrown another away unseen. */
function underWay(socket: OpenFile | undefined, size: number): (OpenFile | undefined)[] | undefined {
  if (socket === undefined || socket.inbox.length === 0) return undefined;
  const isAlone = socket.inbox.length === 1;
  const first = socket.inbox.shift();
  return isAlone && first?.length === size ? first : undefined;
}
