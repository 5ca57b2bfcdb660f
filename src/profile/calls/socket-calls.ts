import { textOfBytes } from '../../paths/byte-text.ts';
import type { Syscall, Value } from '../../trace/event.ts';
import { elements, fdNumber, field, hasFlag } from '../../trace/values.ts';
import type { Observation } from '../observation.ts';
import type { Endpoint } from '../profile.ts';
import { socketAddress, socketFamily } from '../socket-address.ts';
import type { Task } from '../task.ts';
import { type Meaning, type Meanings, succeeded } from './meaning.ts';

const socket: Meaning = (call, task, observation) => {
  const family = socketFamily(call.args[0]);
  if (family === undefined) return;
  // A family that the kernel doesn't have fails without any sandbox too.
  if (succeeded(call)) observation.recorder.family(family, call);
  if (succeeded(call) && call.result.number !== undefined) {
    const closeOnExec = call.args[1] !== undefined && hasFlag(call.args[1], 'SOCK_CLOEXEC');
    task.descriptors.open(call.result.number, { path: undefined, family }, closeOnExec);
  }
};

/** RestrictAddressFamilies= filters socket(2) alone, so a pair asks for no family: https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#RestrictAddressFamilies= */
const socketpair: Meaning = (call, task) => {
  if (!succeeded(call) || call.args[3] === undefined) return;
  const closeOnExec = call.args[1] !== undefined && hasFlag(call.args[1], 'SOCK_CLOEXEC');
  for (const end of elements(call.args[3])) {
    const fd = fdNumber(end);
    if (fd !== undefined)
      task.descriptors.open(fd, { path: undefined, family: socketFamily(call.args[0]) }, closeOnExec);
  }
};

const bind: Meaning = (call, task, observation) => meet('bind', call, task, observation, call.args[1]);

const connect: Meaning = (call, task, observation) => meet('connect', call, task, observation, call.args[1]);

const sendto: Meaning = (call, task, observation) => meet('send', call, task, observation, call.args[4]);

const sendmsg: Meaning = (call, task, observation) => {
  const message = call.args[1];
  if (message !== undefined) meet('send', call, task, observation, field(message, 'msg_name'));
};

const sendmmsg: Meaning = (call, task, observation) => {
  for (const item of call.args[1] === undefined ? [] : elements(call.args[1])) {
    const message = field(item, 'msg_hdr');
    if (message !== undefined) meet('send', call, task, observation, field(message, 'msg_name'));
  }
};

const accept: Meaning = (call, task, observation) => {
  if (!succeeded(call) || call.result.number === undefined) return;
  const listening = observation.openFile(task, call.args[0]);
  const closeOnExec = call.args[3] !== undefined && hasFlag(call.args[3], 'SOCK_CLOEXEC');
  task.descriptors.open(call.result.number, { path: undefined, family: listening?.family }, closeOnExec);
  meet('accept', call, task, observation, call.args[1]);
};

/** Descriptors that another process sent: https://man7.org/linux/man-pages/man7/unix.7.html (SCM_RIGHTS). */
const recvmsg: Meaning = (call, task, observation) => {
  const control = call.args[1] === undefined ? undefined : field(call.args[1], 'msg_control');
  if (!succeeded(call) || control === undefined) return;
  const closeOnExec = call.args[2] !== undefined && hasFlag(call.args[2], 'MSG_CMSG_CLOEXEC');
  for (const message of elements(control)) {
    const type = field(message, 'cmsg_type');
    const data = field(message, 'cmsg_data');
    if (type?.kind !== 'text' || !type.text.includes('SCM_RIGHTS') || data === undefined) continue;
    for (const sent of elements(data)) {
      const fd = fdNumber(sent);
      if (fd === undefined) continue;
      task.descriptors.close(fd);
      task.descriptors.open(
        fd,
        observation.openFile(task, sent) ?? { path: undefined, family: undefined },
        closeOnExec,
      );
    }
  }
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
  );
}

export const socketCalls: Meanings = {
  socket,
  socketpair,
  bind,
  connect,
  sendto,
  sendmsg,
  sendmmsg,
  accept,
  accept4: accept,
  recvmsg,
};
