/**
 * Which capability the kernel asks for, by call; where the class of the arguments decides, by `call what`. From
 * https://man7.org/linux/man-pages/man7/capabilities.7.html and the manual page of each call.
 */
const byCall: Readonly<Record<string, string>> = {
  chown: 'CAP_CHOWN',
  chown32: 'CAP_CHOWN',
  lchown: 'CAP_CHOWN',
  lchown32: 'CAP_CHOWN',
  fchown: 'CAP_CHOWN',
  fchown32: 'CAP_CHOWN',
  fchownat: 'CAP_CHOWN',
  setuid: 'CAP_SETUID',
  setuid32: 'CAP_SETUID',
  setreuid: 'CAP_SETUID',
  setreuid32: 'CAP_SETUID',
  setresuid: 'CAP_SETUID',
  setresuid32: 'CAP_SETUID',
  setfsuid: 'CAP_SETUID',
  setfsuid32: 'CAP_SETUID',
  setgid: 'CAP_SETGID',
  setgid32: 'CAP_SETGID',
  setregid: 'CAP_SETGID',
  setregid32: 'CAP_SETGID',
  setresgid: 'CAP_SETGID',
  setresgid32: 'CAP_SETGID',
  setfsgid: 'CAP_SETGID',
  setfsgid32: 'CAP_SETGID',
  setgroups: 'CAP_SETGID',
  setgroups32: 'CAP_SETGID',
  setrlimit: 'CAP_SYS_RESOURCE',
  prlimit64: 'CAP_SYS_RESOURCE',
  setpriority: 'CAP_SYS_NICE',
  nice: 'CAP_SYS_NICE',
  ioprio_set: 'CAP_SYS_NICE',
  sched_setscheduler: 'CAP_SYS_NICE',
  sched_setparam: 'CAP_SYS_NICE',
  sched_setattr: 'CAP_SYS_NICE',
  sched_setaffinity: 'CAP_SYS_NICE',
  mbind: 'CAP_SYS_NICE',
  migrate_pages: 'CAP_SYS_NICE',
  move_pages: 'CAP_SYS_NICE',
  setsockopt: 'CAP_NET_ADMIN',
  ioctl: 'CAP_NET_ADMIN',
  ptrace: 'CAP_SYS_PTRACE',
  process_vm_readv: 'CAP_SYS_PTRACE',
  process_vm_writev: 'CAP_SYS_PTRACE',
  kcmp: 'CAP_SYS_PTRACE',
  process_madvise: 'CAP_SYS_PTRACE',
  mount: 'CAP_SYS_ADMIN',
  umount: 'CAP_SYS_ADMIN',
  umount2: 'CAP_SYS_ADMIN',
  move_mount: 'CAP_SYS_ADMIN',
  fsopen: 'CAP_SYS_ADMIN',
  fsmount: 'CAP_SYS_ADMIN',
  open_tree: 'CAP_SYS_ADMIN',
  pivot_root: 'CAP_SYS_ADMIN',
  sethostname: 'CAP_SYS_ADMIN',
  setdomainname: 'CAP_SYS_ADMIN',
  quotactl: 'CAP_SYS_ADMIN',
  quotactl_fd: 'CAP_SYS_ADMIN',
  swapon: 'CAP_SYS_ADMIN',
  swapoff: 'CAP_SYS_ADMIN',
  clone: 'CAP_SYS_ADMIN',
  clone3: 'CAP_SYS_ADMIN',
  unshare: 'CAP_SYS_ADMIN',
  setns: 'CAP_SYS_ADMIN',
  fanotify_init: 'CAP_SYS_ADMIN',
  lookup_dcookie: 'CAP_SYS_ADMIN',
  acct: 'CAP_SYS_PACCT',
  bpf: 'CAP_BPF',
  perf_event_open: 'CAP_PERFMON',
  open_by_handle_at: 'CAP_DAC_READ_SEARCH',
  settimeofday: 'CAP_SYS_TIME',
  stime: 'CAP_SYS_TIME',
  clock_settime: 'CAP_SYS_TIME',
  clock_settime64: 'CAP_SYS_TIME',
  adjtimex: 'CAP_SYS_TIME',
  clock_adjtime: 'CAP_SYS_TIME',
  clock_adjtime64: 'CAP_SYS_TIME',
  timer_create: 'CAP_WAKE_ALARM',
  timerfd_create: 'CAP_WAKE_ALARM',
  syslog: 'CAP_SYSLOG',
  reboot: 'CAP_SYS_BOOT',
  kexec_load: 'CAP_SYS_BOOT',
  kexec_file_load: 'CAP_SYS_BOOT',
  init_module: 'CAP_SYS_MODULE',
  finit_module: 'CAP_SYS_MODULE',
  delete_module: 'CAP_SYS_MODULE',
  iopl: 'CAP_SYS_RAWIO',
  ioperm: 'CAP_SYS_RAWIO',
  vhangup: 'CAP_SYS_TTY_CONFIG',
  mlock: 'CAP_IPC_LOCK',
  mlock2: 'CAP_IPC_LOCK',
  mlockall: 'CAP_IPC_LOCK',
};

/** Calls that need a capability for some arguments only. */
const byClass: Readonly<Record<string, string>> = {
  'mknod character device': 'CAP_MKNOD',
  'mknod block device': 'CAP_MKNOD',
  'mknodat character device': 'CAP_MKNOD',
  'mknodat block device': 'CAP_MKNOD',
  'socket SOCK_RAW': 'CAP_NET_RAW',
  'setsockopt SO_BINDTODEVICE': 'CAP_NET_RAW',
  'setsockopt IP_HDRINCL': 'CAP_NET_RAW',
  'setsockopt IPV6_HDRINCL': 'CAP_NET_RAW',
  'setsockopt PACKET_ADD_MEMBERSHIP': 'CAP_NET_RAW',
};

const signals = new Set([
  'kill',
  'tkill',
  'tgkill',
  'rt_sigqueueinfo',
  'rt_tgsigqueueinfo',
  'pidfd_send_signal',
]);

/** A receiver of the same user needs no capability, and the daemon's own group is most often of the same user. */
const ownReceivers = new Set(['its own group', 'a traced process of the same user']);

/**
 * Socket options that anybody may set within bounds, and filters on one's own socket. A buffer beyond the system's bound is refused
 * without CAP_NET_ADMIN, and whoever asks for it goes on with a smaller one: sd_notify(3) and the journal's client ask each time
 * root uses them. https://github.com/systemd/systemd/blob/v252/src/basic/socket-util.c (fd_inc_sndbuf)
 */
const freeOptions = new Set([
  'SO_ATTACH_FILTER',
  'SO_ATTACH_BPF',
  'SO_PRIORITY',
  'SO_DEBUG',
  'SO_RCVBUFFORCE',
  'SO_SNDBUFFORCE',
  'TCP_MD5SIG',
]);

/** The capability that a call needs when its arguments are of this class; undefined where it needs none. */
export function capabilityOfCall(call: string, what: string): string | undefined {
  if (signals.has(call)) return ownReceivers.has(what) ? undefined : 'CAP_KILL';
  if (call === 'setsockopt' && freeOptions.has(what)) return undefined;
  if (what === 'CLONE_NEWUSER') return undefined;
  if (call === 'prctl') return what.startsWith('PR_CAPBSET_DROP') ? 'CAP_SETPCAP' : undefined;
  if (call === 'clone3' && what === 'set_tid') return 'CAP_CHECKPOINT_RESTORE';
  const special = `${call} ${what}`;
  if (Object.hasOwn(byClass, special)) return byClass[special];
  return Object.hasOwn(byCall, call) ? byCall[call] : undefined;
}

/** https://man7.org/linux/man-pages/man7/packet.7.html */
export function capabilityOfFamily(family: string): string | undefined {
  return family === 'AF_PACKET' ? 'CAP_NET_RAW' : undefined;
}
