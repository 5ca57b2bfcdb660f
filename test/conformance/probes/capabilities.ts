import { each, type Probe, type ProbeFile, someUser } from '../probe.ts';

const foreign = "os.chown('@/f', 1, 1)";
const sticky =
  "os.mkdir('@/own'); os.chmod('@/own', 0o1777); os.chown('@/own', 3, 3); open('@/own/f', 'w'); os.chown('@/own/f', 1, 1)";
/** 127.0.0.99 on the loopback interface, as rtnetlink wants it. */
const address =
  "struct.pack('=BBBBIHH4sHH4s', 2, 32, 0, 0, 1, 8, 1, b'\\x7f\\0\\0\\x63', 8, 2, b'\\x7f\\0\\0\\x63')";
const loopback = "struct.pack('16sH22x', b'lo', 0)";
const forged = (ids: string) =>
  `pair = socket.socketpair(); pair[0].sendmsg([b'x'], [(1, 2, struct.pack('=iII', os.getpid(), ${ids}))])`;
/** Segments of another user, found by their key. */
const segment = `
import ctypes
libc = ctypes.CDLL(None)
old = libc.shmget(5000 + #, 0, 0)
if old >= 0: libc.shmctl(old, 0, None)
pid = os.fork()
if pid == 0:
    os.setresuid(1, 1, 1)
    libc.shmget(5000 + #, 4096, 0o1644)
    os._exit(0)
os.waitpid(pid, 0)
`;

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
  ['CAP_SETUID', forged('1, 0')],
  ['CAP_SETGID', forged('0, 1')],
  ['CAP_SETPCAP', "child(lambda: call('prctl', 24, 0, 0, 0, 0))"],
  ['CAP_SETPCAP', "child(lambda: call('prctl', 28, 0, 0, 0, 0))"],
  ['CAP_FOWNER', "os.close(os.open('@/f', os.O_RDONLY | os.O_NOATIME))", foreign],
  ['CAP_FOWNER', "os.rename('@/own/f', '@/own/n'); os.rename('@/own/n', '@/own/f')", sticky],
  ['CAP_LEASE', "fcntl.fcntl(os.open('@/f', os.O_RDONLY), fcntl.F_SETLEASE, fcntl.F_RDLCK)", foreign],
  [
    'CAP_LINUX_IMMUTABLE',
    "fd = os.open('/opt/conformance/out', os.O_RDONLY); fcntl.ioctl(fd, 0x40086602, struct.pack('l', 32)); fcntl.ioctl(fd, 0x40086602, struct.pack('l', 0))",
  ],
  ['CAP_NET_BIND_SERVICE', "opened(socket.AF_INET).bind(('127.0.0.1', #))"],
  ['CAP_NET_BIND_SERVICE', "opened(socket.AF_INET6, socket.SOCK_DGRAM).bind(('::1', #))"],
  ['CAP_NET_ADMIN', 'opened(socket.AF_INET).setsockopt(socket.SOL_SOCKET, 33, 65536)'],
  ['CAP_NET_ADMIN', 'opened(socket.AF_INET).setsockopt(socket.SOL_SOCKET, socket.SO_MARK, 1)'],
  ['CAP_NET_ADMIN', 'opened(socket.AF_INET).setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, 7)'],
  ['CAP_NET_ADMIN', 'opened(socket.AF_INET).setsockopt(socket.SOL_SOCKET, socket.SO_DEBUG, 1)'],
  ['CAP_NET_ADMIN', 'opened(socket.AF_INET).setsockopt(socket.IPPROTO_TCP, 19, 1)'],
  ['CAP_NET_ADMIN', `netlink(0, (20, 0x600, ${address}), (21, 0, ${address}))`],
  ['CAP_NET_ADMIN', "netlink(12, (0x0a01, 0x300, b'\\0' * 4))"],
  ['CAP_NET_ADMIN', "netlink(6, (0x12, 0x300, b''))"],
  ['CAP_NET_ADMIN', 'netlink(12, groups=1)'],
  ['CAP_NET_ADMIN', "netlink(0, (18, 0x300, b'\\0' * 16), to=1)"],
  [
    'CAP_NET_ADMIN',
    `fcntl.ioctl(opened(socket.AF_INET), 0x8914, fcntl.ioctl(opened(socket.AF_INET), 0x8913, ${loopback}))`,
  ],
  ['CAP_NET_BROADCAST', 'opened(socket.AF_NETLINK, socket.SOCK_RAW).setsockopt(270, 8, 1)'],
  ['CAP_AUDIT_WRITE', "netlink(9, (1100, 0, b'op=probe\\0'))"],
  ['CAP_AUDIT_READ', 'netlink(9, groups=1)'],
  ['CAP_NET_RAW', 'opened(socket.AF_INET).setsockopt(socket.IPPROTO_IP, 19, 1)'],
  ['CAP_NET_RAW', "opened(socket.AF_INET6).setsockopt(41, 54, b'\\0\\0\\1\\4\\0\\0\\0\\0')"],
  ['CAP_NET_RAW', 'opened(socket.AF_PACKET, socket.SOCK_RAW)'],
  ['CAP_NET_RAW', 'opened(socket.AF_INET, socket.SOCK_RAW, 1)'],
  ['CAP_IPC_LOCK', "call('mlock', pages(3), 4096)"],
  ['CAP_IPC_OWNER', "call('shmat', segment_of_others(5000 + #), 0, 0)", segment],
  ['CAP_SYS_ADMIN', "call('shmctl', segment_of_others(5000 + #), 0, 0)", segment],
  ['CAP_SYS_RAWIO', "past('ENOSYS', lambda: call('iopl', 3))"],
  ['CAP_SYS_CHROOT', "call('chroot', b'/')"],
  ['CAP_SYS_PACCT', "call('acct', 0)"],
  ['CAP_SYS_ADMIN', 'child(lambda: socket.sethostname(socket.gethostname()))'],
  ['CAP_SYS_ADMIN', "call('mount', b'none', b'@/d', b'tmpfs', 0, 0); call('umount2', b'@/d', 2)"],
  ['CAP_SYS_ADMIN', "child(lambda: call('unshare', 0x40000000))"],
  ['CAP_SYS_ADMIN', "os.setxattr('@/f', 'trusted.x', b'1')"],
  ['CAP_SYS_ADMIN', "os.getxattr('@/f', 'trusted.x')", "os.setxattr('@/f', 'trusted.x', b'1')"],
  ['CAP_SYS_ADMIN', "fcntl.ioctl(os.openpty()[1], 0x5412, b'x')"],
  ['CAP_SYS_ADMIN', "fcntl.ioctl(os.open('/dev/urandom', os.O_WRONLY), 0x40045201, struct.pack('i', 0))"],
  ['CAP_SYS_CHROOT', "child(lambda: call('setns', os.open('/proc/self/ns/mnt', os.O_RDONLY), 0x20000))"],
  ['CAP_SYS_PTRACE', "os.readlink('/proc/1/exe')"],
  ['CAP_SYS_PTRACE', "read('/proc/1/environ')"],
  ['CAP_SYS_PTRACE', "call('kcmp', os.getpid(), 1, 1, 0, 0)"],
  ['CAP_SYS_PTRACE', "os.close(call('userfaultfd', 0))"],
  ['CAP_SYS_NICE', "call('ioprio_set', 1, 0, (1 << 13) | 4)"],
  ['CAP_SYS_NICE', "call('mbind', pages(3), 4096, 0, 0, 0, 4)"],
  ['CAP_SYS_NICE', "call('sched_setattr', 0, struct.pack('<IIQiIQQQ', 48, 1, 0, 0, 1, 0, 0, 0), 0)"],
  ['CAP_SYS_NICE', "call('sched_setattr', 0, struct.pack('<IIQiIQQQ', 48, 0, 0, -5, 0, 0, 0, 0), 0)"],
  ['CAP_SYS_NICE', 'os.setpriority(os.PRIO_PROCESS, 0, -5)'],
  ['CAP_SYS_NICE', 'os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))'],
  ['CAP_SYS_TIME', "call('settimeofday', 0, 0)"],
  ['CAP_SYS_TTY_CONFIG', "call('vhangup')"],
  ['CAP_MKNOD', "call('mknod', b'@/n', 0o20600, 0x103)"],
  ['CAP_SYSLOG', "call('syslog', 10, 0, 0)"],
  ['CAP_SYSLOG', "os.close(os.open('/proc/kmsg', os.O_RDONLY | os.O_NONBLOCK))"],
  ['CAP_SYSLOG', "expect(any(int(line.split()[0], 16) for line in open('/proc/kallsyms')))"],
  [
    'CAP_NET_BIND_SERVICE',
    "child(lambda: call('capset', struct.pack('II', 0x20080522, 0), struct.pack('6I', 1024, 1024, 0, 0, 0, 0)))",
  ],
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
  if (line === `${key}=${name}`) return undefined;
  if (act.includes('33, 65536'))
    return {
      why: 'Whoever asks for a bigger buffer goes on with a smaller one, so the capability is not given for it.',
    };
  if (line === `${key}=`) return undefined;
  if (/SO_MARK|SO_PRIORITY/.test(act))
    return { why: 'Since Linux 5.17 CAP_NET_RAW is enough too; what is given works with older ones.' };
  if (act.includes('/proc/1/environ'))
    return { why: 'Newer kernels let who has CAP_PERFMON look too; what is given works with older ones.' };
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

/** What root may do without any capability, though it looks as if it took one. */
const harmless = [
  "netlink(0, (18, 0x300, b'\\0' * 16))",
  'netlink(0, groups=1)',
  'netlink(15, groups=1)',
  "netlink(16, (16, 0x300, struct.pack('=BBH', 3, 1, 0)))",
  'opened(socket.AF_INET).setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, 6)',
  'opened(socket.AF_INET).setsockopt(socket.IPPROTO_IP, 15, 1)',
  forged('0, 0'),
  'os.setpriority(os.PRIO_PROCESS, 0, 5)',
  "call('ioprio_set', 1, 0, 3 << 13)",
  'os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))',
  "call('sched_setattr', 0, struct.pack('<IIQiIQQQ', 48, 0, 0, 5, 0, 0, 0, 0), 0)",
  'os.sched_setaffinity(0, os.sched_getaffinity(0))',
  "call('mbind', pages(3), 4096, 0, 0, 0, 0)",
  "call('adjtimex', ctypes.create_string_buffer(208))",
  "os.listxattr('@/f')",
  "fcntl.ioctl(os.open('/opt/conformance/out', os.O_RDONLY), 0x40086602, struct.pack('l', 0x80))",
  "fcntl.fcntl(os.open('@/f', os.O_RDONLY), fcntl.F_SETLEASE, fcntl.F_RDLCK)",
  "os.close(os.open('@/f', os.O_RDONLY | os.O_NOATIME))",
  "os.close(os.open('/dev/kmsg', os.O_WRONLY))",
  "os.lstat('/proc/1')",
  "read('/proc/1/status')",
  "call('kcmp', os.getpid(), os.getpid(), 1, 0, 0)",
  "os.close(call('userfaultfd', 1))",
  "child(lambda: call('unshare', 0x10020000))",
  "call('shmctl', call('shmget', 0, 4096, 0o1600), 0, 0)",
  'm, s = os.openpty(); child(lambda: (os.setsid(), fcntl.ioctl(s, 0x540e, 0)))',
  "child(lambda: call('capset', struct.pack('II', 0x20080522, 0), struct.pack('6I', 0, 0, 0, 0, 0, 0)))",
];

const bind = "opened(socket.AF_INET).bind(('127.0.0.1', #))";
const chown = "os.chown('@/f', 1, 1)";

export default {
  directive: key,
  probes: [
    ...probes,
    ...each(`${key}=`, harmless),
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
