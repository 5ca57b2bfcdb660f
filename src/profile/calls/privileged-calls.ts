import type { Value } from '../../trace/event.ts';
import { field, numberOf, stringBytes } from '../../trace/values.ts';
import { hasFlag } from '../known-flags.ts';
import { attributeClasses } from './attribute-calls.ts';
import { always, type ClassOf, recordedAll, textAt } from './class-of.ts';
import type { Meanings } from './meaning.ts';
import { stranger, strangerBehind, whose } from './other-process.ts';
import { schedulingClasses } from './scheduling-calls.ts';
import { socketOption } from './socket-options.ts';

/**
 * Calls that the kernel may ask a capability for, each with the class of its arguments on which that depends:
 * https://man7.org/linux/man-pages/man7/capabilities.7.html. What was done to paths is told by the acts, ports by the endpoints.
 */

/** chown: -1 leaves an id alone, and to give a file to oneself changes nothing. */
const owners =
  (owner: number): ClassOf =>
  ({ args }, task) => {
    const [user, group] = [numberOf(args[owner]), numberOf(args[owner + 1])];
    const givesAway = isId(user) && user !== task.credentials.uid.file;
    const changesGroup = isId(group) && group !== task.credentials.gid.file;
    if (givesAway) return changesGroup ? 'another owner and group' : 'another owner';
    return changesGroup ? 'another group' : undefined;
  };

function isId(id: number | undefined): boolean {
  return id !== undefined && id >= 0 && id < 0xffffffff;
}

const nodes =
  (mode: number): ClassOf =>
  ({ args }) => {
    const given = args[mode];
    const text = given?.kind === 'text' ? given.text : '';
    const kind = /^0x|^0\d/.test(text) ? Number.parseInt(text, text.startsWith('0x') ? 16 : 8) & 0o170000 : 0;
    if (text.includes('S_IFCHR') || kind === 0o020000) return 'character device';
    if (text.includes('S_IFBLK') || kind === 0o060000) return 'block device';
    if (text.includes('S_IFIFO') || kind === 0o010000) return 'fifo';
    return text.includes('S_IFSOCK') || kind === 0o140000 ? 'socket' : 'file';
  };

/** To whom a signal goes: https://man7.org/linux/man-pages/man2/kill.2.html */
const receiver: ClassOf = ({ args }, task, observation) => {
  const pid = numberOf(args[0]);
  if (pid === undefined || task.isNumberedApart) return 'unknown';
  if (pid === -1) return 'everybody';
  if (pid === 0) return 'its own group';
  return pid < 0 ? 'a group' : whose(pid, task, observation);
};

/** To look into another process, or to change it: https://man7.org/linux/man-pages/man2/ptrace.2.html (Ptrace access mode checking) */
const attached: ClassOf = (call, task, observation) => {
  const request = textAt(0)(call, task, observation) ?? '';
  if (request !== 'PTRACE_ATTACH' && request !== 'PTRACE_SEIZE') return request;
  const other = stranger(call.args[1], task, observation);
  return other === undefined ? `${request} of its own` : `${request} of ${other}`;
};

const strangerAt =
  (...positions: number[]): ClassOf =>
  ({ args }, task, observation) =>
    positions
      .map((position) => stranger(args[position], task, observation))
      .find((other) => other !== undefined);

const strangerBehindPidfd: ClassOf = ({ args }, task, observation) =>
  strangerBehind(args[0], task, observation);

/**
 * A limit that is set, not asked for. Who lowers his hard limit, or leaves it where it was, needs no capability: that is known
 * where the task asked before. https://man7.org/linux/man-pages/man2/prlimit.2.html
 */
const limits =
  (at: { resource: number; set?: number; old?: number }): ClassOf =>
  (call, task, observation) => {
    const resource = textAt(at.resource)(call, task, observation) ?? '';
    const isOwn = at.resource === 0 || numberOf(call.args[0]) === 0;
    const old = at.old === undefined ? undefined : hardLimit(call.args[at.old]);
    if (isOwn && old !== undefined) task.hardLimits.set(resource, old);
    const given = at.set === undefined ? undefined : call.args[at.set];
    if (given === undefined || (given.kind === 'text' && (given.text === 'NULL' || given.text === '0')))
      return undefined;
    const had = isOwn ? task.hardLimits.get(resource) : undefined;
    const known = had === undefined ? undefined : Math.min(had, limitsOfUnits[resource] ?? had);
    const wanted = hardLimit(given);
    if (isOwn && wanted !== undefined) task.hardLimits.set(resource, wanted);
    return known !== undefined && wanted !== undefined && wanted <= known ? undefined : resource;
  };

/**
 * A unit starts with lower ones than a shell may have: https://github.com/systemd/systemd/blob/v252/src/basic/def.h
 * (HIGH_RLIMIT_NOFILE, DEFAULT_RLIMIT_MEMLOCK)
 */
const limitsOfUnits: Readonly<Record<string, number>> = {
  RLIMIT_NOFILE: 512 * 1024,
  RLIMIT_MEMLOCK: 8 * 1024 * 1024,
};

/** Undefined where the log doesn't tell. */
function hardLimit(value: Value | undefined): number | undefined {
  const limit = field(value, 'rlim_max');
  if (limit?.kind === 'text' && /^RLIM(?:64)?_INFINITY$/.test(limit.text)) return Number.POSITIVE_INFINITY;
  return numberOf(limit);
}

const alarms: ClassOf = (call, task, observation) => {
  const clock = textAt(0)(call, task, observation) ?? '';
  return clock.endsWith('_ALARM') ? clock : undefined;
};

/** `QCMD(Q_GETQUOTA, USRQUOTA)`; one's own quota anybody may ask for: https://man7.org/linux/man-pages/man2/quotactl.2.html */
const quota =
  (position: number): ClassOf =>
  ({ args }, task) => {
    const given = args[position];
    const name = given?.kind === 'call' ? given.args[0] : given;
    const command = name?.kind === 'text' ? name.text.slice(0, 80) : '';
    if (/GET(?:NEXT)?QUOTA/.test(command))
      return numberOf(args[2]) === task.credentials.uid.effective ? undefined : `${command} of others`;
    return /GET|SYNC$/.test(command) ? undefined : command;
  };

/** To ask what time it is asks for nothing: https://man7.org/linux/man-pages/man2/adjtimex.2.html */
const adjusted =
  (position: number): ClassOf =>
  ({ args }) => {
    const modes = field(args[position], 'modes');
    const isRead = modes?.kind === 'text' && (modes.text === '0' || modes.text === 'ADJ_OFFSET_SS_READ');
    return isRead ? undefined : '';
  };

/** https://man7.org/linux/man-pages/man2/bpf.2.html: a program's type decides what loading it asks for. */
const programs: ClassOf = (call, task, observation) => {
  const command = textAt(0)(call, task, observation) ?? '';
  const type = field(call.args[1], 'prog_type');
  return type?.kind === 'text' ? `${command} ${type.text.slice(0, 60)}` : command;
};

/** https://man7.org/linux/man-pages/man2/userfaultfd.2.html: to stop the kernel, too, is for few. */
const faults: ClassOf = ({ args }) =>
  hasFlag(args[0], 'UFFD_USER_MODE_ONLY') ? undefined : 'faults of the kernel';

const classes: Readonly<Record<string, ClassOf>> = {
  chown: owners(1),
  chown32: owners(1),
  lchown: owners(1),
  lchown32: owners(1),
  fchown: owners(1),
  fchown32: owners(1),
  fchownat: owners(2),
  mknod: nodes(1),
  mknodat: nodes(2),
  kill: receiver,
  tkill: receiver,
  tgkill: receiver,
  rt_sigqueueinfo: receiver,
  rt_tgsigqueueinfo: receiver,
  pidfd_send_signal: ({ args }, task, observation) =>
    whose(observation.openFile(task, args[0])?.process, task, observation),
  getrlimit: limits({ resource: 0, old: 1 }),
  ugetrlimit: limits({ resource: 0, old: 1 }),
  setrlimit: limits({ resource: 0, set: 1 }),
  prlimit64: limits({ resource: 1, set: 2, old: 3 }),
  setsockopt: socketOption,
  ptrace: attached,
  process_vm_readv: strangerAt(0),
  process_vm_writev: strangerAt(0),
  kcmp: strangerAt(0, 1),
  process_madvise: strangerBehindPidfd,
  pidfd_getfd: strangerBehindPidfd,
  mount: textAt(3),
  umount: always,
  umount2: always,
  move_mount: always,
  fsopen: ({ args }) => (stringBytes(args[0]) ?? '').slice(0, 80),
  fsmount: always,
  open_tree: ({ args }) => (hasFlag(args[2], 'OPEN_TREE_CLONE') ? 'a copy' : undefined),
  pivot_root: always,
  chroot: always,
  sethostname: always,
  setdomainname: always,
  quotactl: quota(0),
  quotactl_fd: quota(1),
  swapon: always,
  swapoff: always,
  acct: always,
  bpf: programs,
  perf_event_open: always,
  open_by_handle_at: always,
  fanotify_init: always,
  lookup_dcookie: always,
  settimeofday: always,
  stime: always,
  clock_settime: always,
  clock_settime64: always,
  adjtimex: adjusted(0),
  clock_adjtime: adjusted(1),
  clock_adjtime64: adjusted(1),
  timer_create: alarms,
  timerfd_create: alarms,
  syslog: textAt(0),
  reboot: always,
  kexec_load: always,
  kexec_file_load: always,
  init_module: always,
  finit_module: always,
  delete_module: always,
  iopl: always,
  ioperm: always,
  vhangup: always,
  mlock: always,
  mlock2: always,
  mlockall: always,
  keyctl: textAt(0),
  add_key: always,
  request_key: always,
  userfaultfd: faults,
};

export const privilegedCalls: Meanings = recordedAll({
  ...classes,
  ...schedulingClasses,
  ...attributeClasses,
});
