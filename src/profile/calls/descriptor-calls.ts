import type { Value } from '../../trace/event.ts';
import { elements, fdNumber, hasFlag, numberOf } from '../../trace/values.ts';
import type { DescriptorTable } from '../descriptors.ts';
import { type Meaning, type Meanings, succeeded } from './meaning.ts';

/** Calls that make, copy and close descriptors, so that a log without `-y` still tells what a number stands for. */

const close: Meaning = (call, task) => {
  const fd = call.args[0] === undefined ? undefined : fdNumber(call.args[0]);
  // Even a close that fails has freed the number: https://man7.org/linux/man-pages/man2/close.2.html
  if (fd !== undefined && call.result.errno !== 'EBADF') task.descriptors.close(fd);
};

const closeRange: Meaning = (call, task) => {
  if (!succeeded(call)) return;
  const [first, last] = [call.args[0], call.args[1]].map((end) =>
    end === undefined ? undefined : numberOf(end),
  );
  if (first === undefined || last === undefined) return;
  const flags = call.args[2];
  if (flags !== undefined && hasFlag(flags, 'CLOSE_RANGE_UNSHARE'))
    task.descriptors = task.descriptors.copy();
  if (flags !== undefined && hasFlag(flags, 'CLOSE_RANGE_CLOEXEC'))
    task.descriptors.setCloseOnExec(first, true, last);
  else task.descriptors.closeRange(first, last);
};

/** dup, dup2, dup3: the result is the new number; only dup3 can make it close-on-exec. */
const dup: Meaning = (call, task, observation) => {
  if (!succeeded(call) || call.result.number === undefined) return;
  const file = observation.openFile(task, call.args[0]) ?? { path: undefined, family: undefined };
  task.descriptors.open(
    call.result.number,
    file,
    call.args[2] !== undefined && hasFlag(call.args[2], 'O_CLOEXEC'),
  );
};

const fcntl: Meaning = (call, task, observation) => {
  const command = call.args[1];
  if (!succeeded(call) || command === undefined || call.result.number === undefined) return;
  const fd = call.args[0] === undefined ? undefined : fdNumber(call.args[0]);
  if (hasFlag(command, 'F_DUPFD') || hasFlag(command, 'F_DUPFD_CLOEXEC')) {
    const file = observation.openFile(task, call.args[0]) ?? { path: undefined, family: undefined };
    task.descriptors.open(call.result.number, file, hasFlag(command, 'F_DUPFD_CLOEXEC'));
  } else if (hasFlag(command, 'F_SETFD') && fd !== undefined) {
    task.descriptors.setCloseOnExec(fd, call.args[2] !== undefined && hasFlag(call.args[2], 'FD_CLOEXEC'));
  }
};

/** FIOCLEX and FIONCLEX: https://man7.org/linux/man-pages/man2/ioctl_fioclex.2.html */
const ioctl: Meaning = (call, task) => {
  const fd = call.args[0] === undefined ? undefined : fdNumber(call.args[0]);
  const request = call.args[1];
  if (!succeeded(call) || fd === undefined || request?.kind !== 'text') return;
  if (request.text === 'FIOCLEX') task.descriptors.setCloseOnExec(fd, true);
  if (request.text === 'FIONCLEX') task.descriptors.setCloseOnExec(fd, false);
};

/** Calls whose result is a new descriptor without a path: it takes the place of what the number meant before. */
function fresh(flags: number, closeOnExecFlag: string): Meaning {
  return (call, task) => {
    if (!succeeded(call) || call.result.number === undefined) return;
    const given = call.args[flags];
    const closeOnExec = given !== undefined && hasFlag(given, closeOnExecFlag);
    task.descriptors.open(call.result.number, { path: undefined, family: undefined }, closeOnExec);
  };
}

/** pipe, pipe2: the two numbers stand in the first argument. */
const pipe: Meaning = (call, task) => {
  if (!succeeded(call)) return;
  openAll(call.args[0], task.descriptors, call.args[1] !== undefined && hasFlag(call.args[1], 'O_CLOEXEC'));
};

function openAll(list: Value | undefined, descriptors: DescriptorTable, closeOnExec: boolean): void {
  for (const item of list === undefined ? [] : elements(list)) {
    const fd = fdNumber(item);
    if (fd !== undefined) descriptors.open(fd, { path: undefined, family: undefined }, closeOnExec);
  }
}

export const descriptorCalls: Meanings = {
  close,
  close_range: closeRange,
  dup,
  dup2: dup,
  dup3: dup,
  fcntl,
  fcntl64: fcntl,
  ioctl,
  pipe,
  pipe2: pipe,
  epoll_create: fresh(-1, ''),
  epoll_create1: fresh(0, 'EPOLL_CLOEXEC'),
  eventfd: fresh(-1, ''),
  eventfd2: fresh(1, 'EFD_CLOEXEC'),
  signalfd: fresh(-1, ''),
  signalfd4: fresh(3, 'SFD_CLOEXEC'),
  timerfd_create: fresh(1, 'TFD_CLOEXEC'),
  inotify_init: fresh(-1, ''),
  inotify_init1: fresh(0, 'IN_CLOEXEC'),
  memfd_create: fresh(1, 'MFD_CLOEXEC'),
};
