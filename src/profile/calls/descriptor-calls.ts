import { textOfBytes } from '../../paths/byte-text.ts';
import { elements, fdNumber, numberOf } from '../../trace/values.ts';
import { type OpenFile, openedFile, openedProcess } from '../descriptors.ts';
import { hasFlag } from '../known-flags.ts';
import { succeeded } from '../outcome.ts';
import type { Task } from '../task.ts';
import type { Meaning, Meanings } from './meaning.ts';
import { attributeRequest, isAboutAttributes, isPrivilegedRequest } from './privileged-requests.ts';

/** Calls that make, copy and close descriptors, so that a log without `-y` still tells what a number stands for: most tell no more. */

const close: Meaning = (call, task, observation) => {
  const fd = call.args[0] === undefined ? undefined : fdNumber(call.args[0]);
  // Even a close that fails has freed the number: https://man7.org/linux/man-pages/man2/close.2.html
  if (fd !== undefined && call.result.errno !== 'EBADF')
    observation.changeDescriptor(task, { fd, path: null, isDirectory: false, closeOnExec: false });
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
  const number = succeeded(call) ? call.result.number : undefined;
  if (number === undefined || number === fdNumber(call.args[0])) return;
  copyTo(number, observation.openFile(task, call.args[0]), hasFlag(call.args[2], 'O_CLOEXEC'), task);
};

/** The copy of what nobody knows is unknown too. */
function copyTo(fd: number, file: OpenFile | undefined, closeOnExec: boolean, task: Task): void {
  if (file === undefined) task.descriptors.close(fd);
  else task.descriptors.open(fd, file, closeOnExec);
}

const fcntl: Meaning = (call, task, observation) => {
  const command = call.args[1];
  if (!succeeded(call) || call.result.number === undefined) return;
  const duplicates = hasFlag(command, 'F_DUPFD_CLOEXEC');
  if (duplicates || hasFlag(command, 'F_DUPFD')) {
    observation.isByWordsAlone = false;
    copyTo(call.result.number, observation.openFile(task, call.args[0]), duplicates, task);
  } else if (hasFlag(command, 'F_SETFD')) {
    observation.isByWordsAlone = false;
    const fd = fdNumber(call.args[0]);
    if (fd !== undefined) task.descriptors.setCloseOnExec(fd, hasFlag(call.args[2], 'FD_CLOEXEC'));
  }
};

/** Commands that ask for something: to be told when others open a file, to read it without leaving a trace, for a large pipe. */
const askedByFcntl: Meaning = (call, task, observation) => {
  const [fd, command, value] = call.args;
  if (!succeeded(call)) return;
  if (hasFlag(command, 'F_SETLEASE'))
    observation.act(call, task, observation.openPath(call, task, fd), 'lease');
  else if (hasFlag(command, 'F_SETFL') && hasFlag(value, 'O_NOATIME'))
    observation.act(call, task, observation.openPath(call, task, fd), 'no-atime');
  else if (hasFlag(command, 'F_SETPIPE_SZ') && (numberOf(value) ?? 0) > largestPipe)
    observation.recorder.privileged('F_SETPIPE_SZ above 1 MiB', call, task.credentials.label);
};

/** fs.pipe-max-size, as every system has it: https://man7.org/linux/man-pages/man7/pipe.7.html */
const largestPipe = 1 << 20;

/** FIOCLEX and FIONCLEX: https://man7.org/linux/man-pages/man2/ioctl_fioclex.2.html */
const ioctl: Meaning = (call, task, observation) => {
  const request = call.args[1];
  if (!succeeded(call) || request?.kind !== 'text') return;
  if (request.text === 'FIOCLEX' || request.text === 'FIONCLEX') {
    observation.isByWordsAlone = false;
    const fd = fdNumber(call.args[0]);
    if (fd !== undefined) task.descriptors.setCloseOnExec(fd, request.text === 'FIOCLEX');
  } else if (isAboutAttributes(request.text)) attributeRequest(call, request.text, task, observation);
  else if (isPrivilegedRequest(request.text)) {
    observation.recorder.privileged(request.text, call, task.credentials.label);
  }
};

/** Calls whose result is a new descriptor without a path: it takes the place of what the number meant before. */
function fresh(flags: number, closeOnExecFlag: string): Meaning {
  return (call, task) => {
    if (!succeeded(call) || call.result.number === undefined) return;
    const closeOnExec = flags < 0 || hasFlag(call.args[flags], closeOnExecFlag);
    task.descriptors.open(call.result.number, openedFile(undefined), closeOnExec);
  };
}

/** The number is taken anew, and stays open over execve. */
const freshAndKept: Meaning = (call, task) => {
  if (succeeded(call) && call.result.number !== undefined)
    task.descriptors.open(call.result.number, openedFile(undefined), false);
};

/** Those that can also change something that exists: the result is no new number then. */
function freshUnlessGiven(fd: number, flags: number, closeOnExecFlag: string): Meaning {
  const make = flags < 0 ? freshAndKept : fresh(flags, closeOnExecFlag);
  return (call, task, observation) => {
    if (fdNumber(call.args[fd]) === -1) make(call, task, observation);
  };
}

/** pipe, pipe2: the two numbers stand in the first argument. */
const pipe: Meaning = (call, task) => {
  if (!succeeded(call)) return;
  const closeOnExec = hasFlag(call.args[1], 'O_CLOEXEC');
  for (const item of elements(call.args[0])) {
    const fd = fdNumber(item);
    if (fd !== undefined) task.descriptors.open(fd, openedFile(undefined), closeOnExec);
  }
};

const pidfdOpen: Meaning = (call, task) => {
  if (!succeeded(call) || call.result.number === undefined) return;
  const pid = task.isNumberedApart ? undefined : numberOf(call.args[0]);
  const file = pid === undefined ? openedFile(undefined) : openedProcess(pid);
  task.descriptors.open(call.result.number, file, true);
};

/** https://man7.org/linux/man-pages/man2/pidfd_getfd.2.html */
const pidfdGetfd: Meaning = (call, task, observation) => {
  if (!succeeded(call) || call.result.number === undefined) return;
  const process = observation.openFile(task, call.args[0])?.process;
  const fd = fdNumber(call.args[1]);
  const owner =
    process === undefined || !observation.isOrdered ? undefined : observation.tasks.known(process);
  const file = fd === undefined ? undefined : owner?.descriptors.get(fd);
  const { info } = call.result;
  const annotated = info?.startsWith('/') ? openedFile(textOfBytes(info)) : undefined;
  copyTo(call.result.number, file ?? annotated, true, task);
};

/** What goes through a ring is in no trace: https://man7.org/linux/man-pages/man7/io_uring.7.html */
const ioUring: Meaning = (call, task, observation) => {
  fresh(-1, '')(call, task, observation);
  if (succeeded(call))
    observation.recorder.limit(
      'io_uring was used: files that were opened, and peers that were met, through it are in no trace.',
    );
};

/** Those that tell a profile something by themselves. */
export const tellingDescriptorCalls: Meanings = {
  fcntl: askedByFcntl,
  fcntl64: askedByFcntl,
  ioctl,
  io_uring_setup: ioUring,
  pidfd_getfd: pidfdGetfd,
};

export const descriptorCalls: Meanings = {
  close,
  close_range: closeRange,
  dup,
  dup2: dup,
  dup3: dup,
  fcntl,
  fcntl64: fcntl,
  pipe,
  pipe2: pipe,
  epoll_create: freshAndKept,
  epoll_create1: fresh(0, 'EPOLL_CLOEXEC'),
  eventfd: freshAndKept,
  eventfd2: fresh(1, 'EFD_CLOEXEC'),
  signalfd: freshUnlessGiven(0, -1, ''),
  signalfd4: freshUnlessGiven(0, 3, 'SFD_CLOEXEC'),
  timerfd_create: fresh(1, 'TFD_CLOEXEC'),
  inotify_init: freshAndKept,
  inotify_init1: fresh(0, 'IN_CLOEXEC'),
  fanotify_init: fresh(0, 'FAN_CLOEXEC'),
  memfd_create: fresh(1, 'MFD_CLOEXEC'),
  memfd_secret: fresh(0, 'FD_CLOEXEC'),
  userfaultfd: fresh(0, 'O_CLOEXEC'),
  perf_event_open: fresh(4, 'PERF_FLAG_FD_CLOEXEC'),
  landlock_create_ruleset: fresh(-1, ''),
  mq_open: fresh(1, 'O_CLOEXEC'),
  fsopen: fresh(1, 'FSOPEN_CLOEXEC'),
  fsmount: fresh(1, 'FSMOUNT_CLOEXEC'),
  pidfd_open: pidfdOpen,
};
