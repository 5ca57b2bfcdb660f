import { textOfBytes } from '../../paths/byte-text.ts';
import type { Syscall, Value } from '../../trace/event.ts';
import { elements, fdNumber, field } from '../../trace/values.ts';
import { openedFile, openedPair } from '../descriptors.ts';
import { hasFlag } from '../known-flags.ts';
import type { Observation } from '../observation.ts';
import { succeeded } from '../outcome.ts';
import type { Endpoint } from '../profile.ts';
import { socketAddress, socketFamily } from '../socket-address.ts';
import type { Task } from '../task.ts';
import { received, receivedMany, sent } from './descriptor-passing.ts';
import type { Meaning, Meanings } from './meaning.ts';
import { netlinkGroups, openedOverNetlink, sentOverNetlink } from './netlink-calls.ts';
import { forgedCredentials } from './sent-credentials.ts';

const socket: Meaning = (call, task, observation) => {
  // A family that the kernel doesn't have fails without any sandbox too.
  if (!succeeded(call) || call.result.number === undefined) return;
  const family = socketFamily(call.args[0]);
  const file = family === 'AF_NETLINK' ? openedOverNetlink(call, observation) : openedFile(undefined);
  task.descriptors.open(call.result.number, file, hasFlag(call.args[1], 'SOCK_CLOEXEC'));
  if (family === undefined) return;
  const { label } = task.credentials;
  observation.recorder.family(family, call, label);
  if (hasFlag(call.args[1], 'SOCK_RAW') && !rawForAll.has(family))
    observation.recorder.privileged('SOCK_RAW', call, label);
  else if (family === 'AF_PACKET') observation.recorder.privileged(family, call, label);
};

/** Families whose raw sockets are nothing more than their sockets: netlink(7), net/can/raw.c, net/key/af_key.c */
const rawForAll: ReadonlySet<string> = new Set(['AF_NETLINK', 'AF_CAN', 'AF_KEY']);

/** RestrictAddressFamilies= filters socket(2) alone, so a pair asks for no family: https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#RestrictAddressFamilies= */
const socketpair: Meaning = (call, task) => {
  if (!succeeded(call)) return;
  const closeOnExec = hasFlag(call.args[1], 'SOCK_CLOEXEC');
  const pair = openedPair();
  elements(call.args[3]).forEach((end, index) => {
    const [fd, file] = [fdNumber(end), pair[index]];
    if (fd !== undefined && file !== undefined) task.descriptors.open(fd, file, closeOnExec);
  });
};

const bind: Meaning = (call, task, observation) => {
  meet('bind', call, task, observation, call.args[1]);
  if (!succeeded(call)) return;
  const groups = netlinkGroups(call, task, observation);
  if (groups !== undefined) observation.recorder.privileged(groups, call, task.credentials.label);
};

const connect: Meaning = (call, task, observation) => meet('connect', call, task, observation, call.args[1]);

const sendto: Meaning = (call, task, observation) => {
  meet('send', call, task, observation, call.args[4]);
  sentOverNetlink(call, task, observation, call.args[4], [call.args[1]]);
};

const sendmsg: Meaning = (call, task, observation) => {
  sentMessage(call, task, observation, call.args[1]);
  sent(call, task, observation);
};

function sentMessage(call: Syscall, task: Task, observation: Observation, message: Value | undefined): void {
  const name = field(message, 'msg_name');
  meet('send', call, task, observation, name);
  const buffers = elements(field(message, 'msg_iov')).map((buffer) => field(buffer, 'iov_base'));
  sentOverNetlink(call, task, observation, name, buffers);
  forgedCredentials(call, task, observation, message);
}

const sendmmsg: Meaning = (call, task, observation) => {
  for (const item of elements(call.args[1])) sentMessage(call, task, observation, field(item, 'msg_hdr'));
  sent(call, task, observation);
};

const accept: Meaning = (call, task, observation) => {
  if (!succeeded(call) || call.result.number === undefined) return;
  observation.changeDescriptor(task, {
    fd: call.result.number,
    path: undefined,
    isDirectory: false,
    closeOnExec: hasFlag(call.args[3], 'SOCK_CLOEXEC'),
  });
  meet('accept', call, task, observation, call.args[1]);
};

/** Records whom a socket met: a path for AF_UNIX, else an address. */
function meet(
  act: Endpoint['act'],
  call: Syscall,
  task: Task,
  observation: Observation,
  argument: Value | undefined,
): void {
  const address = socketAddress(argument);
  if (address === undefined) return;
  if (address.path !== undefined) {
    if (act === 'accept') return;
    const path = observation.named(call, task, {
      kind: 'string',
      bytes: address.path,
      cut: false,
      abstract: false,
    });
    observation.act(call, task, path, act === 'bind' ? 'bind' : 'connect');
    if (act !== 'bind' && path !== undefined && succeeded(call))
      observation.recorder.caller(path, observation.tasks.whoIs(task), call, task.credentials.label);
    return;
  }
  const underWay = succeeded(call) || call.result.errno === 'EINPROGRESS';
  if (!underWay || address.address === undefined) return;
  observation.recorder.endpoint(
    {
      act,
      family: address.family,
      address: textOfBytes(address.address),
      // The port of a peer that came to us, or to which an answer goes, is the peer's choice and new each time.
      port: act === 'bind' || act === 'connect' ? address.port : 0,
    },
    call,
    task.credentials.label,
  );
}

/** What they give is known by the annotation too: they tell no more. */
export const passingCalls: Meanings = {
  socketpair,
  recvmsg: received,
  recvmmsg: receivedMany,
  recvmmsg_time64: receivedMany,
};

export const socketCalls: Meanings = {
  socket,
  bind,
  connect,
  sendto,
  sendmsg,
  sendmmsg,
  accept,
  accept4: accept,
};
