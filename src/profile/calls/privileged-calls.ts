import type { Syscall, Value } from '../../trace/event.ts';
import { field, numberOf, stringBytes } from '../../trace/values.ts';
import { hasFlag } from '../known-flags.ts';
import type { Observation } from '../observation.ts';
import { succeeded } from '../outcome.ts';
import type { Task } from '../task.ts';
import type { Meaning, Meanings } from './meaning.ts';

/**
 * Calls that the kernel may ask a capability for, each with the class of its arguments on which that depends:
 * https://man7.org/linux/man-pages/man7/capabilities.7.html. What was done to paths is told by the acts, ports by the endpoints.
 */
type ClassOf = (call: Syscall, task: Task, observation: Observation) => string | undefined;

const textAt =
  (position: number): ClassOf =>
  ({ args }) => {
    const value = args[position];
    return value?.kind === 'text' ? value.text.slice(0, 80) : '';
  };

const always: ClassOf = () => '';

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
  if (pid < 0) return 'a group';
  if (pid === task.process || pid === task.pid) return undefined;
  const other = observation.isOrdered ? observation.tasks.known(pid) : undefined;
  if (other === undefined) return observation.tasks.wasTraced(pid) ? 'a traced process' : 'another process';
  const [mine, theirs] = [task.credentials.uid, other.credentials.uid];
  const same = [mine.real, mine.effective].some((id) => id === theirs.real || id === theirs.saved);
  return same ? 'a traced process of the same user' : 'a traced process of another user';
};

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

const policies = textAt(1);

const alarms: ClassOf = (call, task, observation) => {
  const clock = textAt(0)(call, task, observation) ?? '';
  return clock.endsWith('_ALARM') ? clock : undefined;
};

/** Socket options that ask for NET_ADMIN or NET_RAW: https://man7.org/linux/man-pages/man7/socket.7.html, ip(7) */
const socketOptions: ReadonlySet<string> = new Set([
  'SO_MARK',
  'SO_BINDTODEVICE',
  'SO_SNDBUFFORCE',
  'SO_RCVBUFFORCE',
  'SO_PRIORITY',
  'SO_ATTACH_FILTER',
  'SO_ATTACH_BPF',
  'SO_DEBUG',
  'IP_TRANSPARENT',
  'IPV6_TRANSPARENT',
  'IP_FREEBIND',
  'IP_HDRINCL',
  'IPV6_HDRINCL',
  'PACKET_ADD_MEMBERSHIP',
  'TCP_MD5SIG',
  'TCP_REPAIR',
  'IPT_SO_SET_REPLACE',
]);

const options: ClassOf = ({ args }) => {
  const option = args[2];
  return option?.kind === 'text' && socketOptions.has(option.text) ? option.text : undefined;
};

const commands: ClassOf = (call, task, observation) => {
  const command = textAt(0)(call, task, observation) ?? '';
  return /GET|STAT$|INFO$/.test(command) ? undefined : command;
};

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
  pidfd_send_signal: (call, task, observation) => {
    const pid = observation.openFile(task, call.args[0])?.process;
    return pid === task.process ? undefined : pid === undefined ? 'unknown' : 'another process';
  },
  getrlimit: limits({ resource: 0, old: 1 }),
  ugetrlimit: limits({ resource: 0, old: 1 }),
  setrlimit: limits({ resource: 0, set: 1 }),
  prlimit64: limits({ resource: 1, set: 2, old: 3 }),
  setpriority: textAt(0),
  nice: always,
  ioprio_set: textAt(0),
  sched_setscheduler: policies,
  sched_setparam: always,
  sched_setattr: always,
  sched_setaffinity: always,
  setsockopt: options,
  ptrace: textAt(0),
  process_vm_readv: always,
  process_vm_writev: always,
  kcmp: always,
  process_madvise: always,
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
  quotactl: commands,
  quotactl_fd: always,
  swapon: always,
  swapoff: always,
  acct: always,
  bpf: textAt(0),
  perf_event_open: always,
  open_by_handle_at: always,
  fanotify_init: always,
  lookup_dcookie: always,
  settimeofday: always,
  stime: always,
  clock_settime: always,
  clock_settime64: always,
  adjtimex: always,
  clock_adjtime: always,
  clock_adjtime64: always,
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
  mbind: always,
  migrate_pages: always,
  move_pages: always,
  set_mempolicy: always,
  userfaultfd: always,
};

function recorded(classOf: ClassOf): Meaning {
  return (call, task, observation) => {
    if (!succeeded(call)) return;
    const what = classOf(call, task, observation);
    if (what !== undefined) observation.recorder.privileged(what, call, task.credentials.label);
  };
}

export const privilegedCalls: Meanings = Object.fromEntries(
  Object.entries(classes).map(([name, classOf]) => [name, recorded(classOf)]),
);
