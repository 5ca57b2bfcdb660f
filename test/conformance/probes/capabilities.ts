import { each, type Probe, type ProbeFile, someUser } from '../probe.ts';

/** Something that needs each capability, and what must be there for it. */
const uses: readonly [string, string, string?][] = [
  ['CAP_CHOWN', "os.chown('@/f', 1, 1)"],
  [
    'CAP_DAC_OVERRIDE',
    "write('@/closed')",
    "open('@/closed', 'w'); os.chown('@/closed', 1, 1); os.chmod('@/closed', 0o600)",
  ],
  ['CAP_DAC_OVERRIDE', "create('@/own/n')", "os.mkdir('@/own', 0o755); os.chown('@/own', 1, 1)"],
  [
    'CAP_DAC_READ_SEARCH',
    "read('@/closed')",
    "open('@/closed', 'w'); os.chown('@/closed', 1, 1); os.chmod('@/closed', 0o600)",
  ],
  [
    'CAP_DAC_READ_SEARCH',
    "os.stat('@/own/f')",
    "os.mkdir('@/own', 0o700); open('@/own/f', 'w'); os.chown('@/own', 1, 1)",
  ],
  ['CAP_FOWNER', "os.chmod('@/f', 0o644)", "os.chown('@/f', 1, 1)"],
  ['CAP_FOWNER', "os.utime('@/f', (1, 1))", "os.chown('@/f', 1, 1)"],
  ['CAP_SETGID', 'child(lambda: os.setgid(1))'],
  ['CAP_SETGID', 'child(lambda: os.setgroups([1]))'],
  ['CAP_SETUID', 'child(lambda: os.setuid(1))'],
  ['CAP_SETPCAP', "child(lambda: call('prctl', 24, 0, 0, 0, 0))"],
  [
    'CAP_LINUX_IMMUTABLE',
    "fd = os.open('/opt/conformance/out', os.O_RDONLY); fcntl.ioctl(fd, 0x40086602, struct.pack('l', 32)); fcntl.ioctl(fd, 0x40086602, struct.pack('l', 0))",
  ],
  ['CAP_NET_BIND_SERVICE', "opened(socket.AF_INET).bind(('127.0.0.1', #))"],
  ['CAP_NET_BIND_SERVICE', "opened(socket.AF_INET6, socket.SOCK_DGRAM).bind(('::1', #))"],
  ['CAP_NET_ADMIN', 'opened(socket.AF_INET).setsockopt(socket.SOL_SOCKET, 33, 65536)'],
  ['CAP_NET_RAW', 'opened(socket.AF_PACKET, socket.SOCK_RAW)'],
  ['CAP_NET_RAW', 'opened(socket.AF_INET, socket.SOCK_RAW, 1)'],
  ['CAP_IPC_LOCK', "call('mlock', pages(3), 4096)"],
  ['CAP_SYS_RAWIO', "past('ENOSYS', lambda: call('iopl', 3))"],
  ['CAP_SYS_CHROOT', "call('chroot', b'/')"],
  ['CAP_SYS_PACCT', "call('acct', 0)"],
  ['CAP_SYS_ADMIN', 'child(lambda: socket.sethostname(socket.gethostname()))'],
  ['CAP_SYS_ADMIN', "call('mount', b'none', b'@/d', b'tmpfs', 0, 0); call('umount2', b'@/d', 2)"],
  ['CAP_SYS_ADMIN', "child(lambda: call('unshare', 0x40000000))"],
  ['CAP_SYS_NICE', 'os.setpriority(os.PRIO_PROCESS, 0, -5)'],
  ['CAP_SYS_NICE', 'os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))'],
  ['CAP_SYS_TIME', "call('settimeofday', 0, 0)"],
  ['CAP_SYS_TTY_CONFIG', "call('vhangup')"],
  ['CAP_MKNOD', "call('mknod', b'@/n', 0o20600, 0x103)"],
  ['CAP_SYSLOG', "call('syslog', 10, 0, 0)"],
  ['CAP_WAKE_ALARM', "call('timerfd_create', 8, 0)"],
  [
    'CAP_SETFCAP',
    "os.setxattr('@/prog', 'security.capability', bytes.fromhex('0100000200040000000000000000000000000000'))",
  ],
];

/** Without room for locked pages, every one of them asks. */
const unitOf = (name: string) => (name === 'CAP_IPC_LOCK' ? { unit: ['LimitMEMLOCK=0'] } : {});

const key = 'CapabilityBoundingSet';
/** Why a use under a line differs from what the model says of it; undefined where it doesn't. */
function differsOf(name: string, act: string, line: string): { why: string } | undefined {
  if (line === `${key}=~CAP_DAC_READ_SEARCH`)
    return { why: 'CAP_DAC_OVERRIDE is enough to read too, but it is not given because reading was seen.' };
  if (act.startsWith('os.setxattr') && line !== `${key}=${name}`)
    return { why: 'A profile does not tell which attribute of a file was set.' };
  if (name === 'CAP_LINUX_IMMUTABLE' && line !== `${key}=`)
    return { why: 'A profile does not tell which flag of a file was set.' };
  if (name === 'CAP_NET_ADMIN' && act.includes('33, 65536') && line !== `${key}=${name}`)
    return {
      why: 'Whoever asks for a bigger buffer goes on with a smaller one, so the capability is not given for it.',
    };
  return undefined;
}

const probes = uses.flatMap(([name, act, before]) =>
  [`${key}=`, `${key}=${name}`, `${key}=~${name}`].map((line): Probe => {
    const differs = differsOf(name, act, line);
    return {
      lines: [line],
      act,
      ...(before === undefined ? {} : { before }),
      ...unitOf(name),
      ...(differs === undefined ? {} : { differs }),
    };
  }),
);

const bind = "opened(socket.AF_INET).bind(('127.0.0.1', #))";
const chown = "os.chown('@/f', 1, 1)";

export default {
  directive: key,
  probes: [
    ...probes,
    ...each(`${key}=`, ["read('@/secret')", "write('@/f')", "create('/usr/n#')", 'os.kill(os.getpid(), 0)'], {
      before: "open('@/secret', 'w'); os.chmod('@/secret', 0o600)",
    }),
    // First sets, then adds; `~` takes away, and a lone one gives all back.
    ...each([`${key}=CAP_KILL`, `${key}=CAP_CHOWN`], [chown]),
    ...each([`${key}=~CAP_CHOWN`, `${key}=CAP_KILL`], [chown, 'child(lambda: os.setuid(1))']),
    ...each([`${key}=`, `${key}=~`], [chown]),
    ...each([`${key}=`, `${key}=CAP_CHOWN`], [chown, 'child(lambda: os.setuid(1))']),
    ...each(`${key}=cap_chown cap_bogus`, [chown, 'child(lambda: os.setuid(1))']),
    // Ambient ones count only where they are in the set too.
    ...each(`${key}=`, [bind], { user: someUser, unit: ['AmbientCapabilities=CAP_NET_BIND_SERVICE'] }),
    ...each(`${key}=CAP_NET_BIND_SERVICE`, [bind], {
      user: someUser,
      unit: ['AmbientCapabilities=CAP_NET_BIND_SERVICE'],
    }),
    ...each('NoNewPrivileges=yes', [bind], {
      user: someUser,
      unit: ['AmbientCapabilities=CAP_NET_BIND_SERVICE'],
    }),
  ],
} satisfies ProbeFile;
