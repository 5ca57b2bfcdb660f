import { describe, expect, test } from 'vitest';
import { done, profileOf, profileOfSet } from './reading.ts';

/**
 * Which arguments a profile keeps of calls for which the kernel asks a capability. The lines are strace's (6.1); for which of them it asks
 * was seen with the kernel's own tracepoint, capability:cap_capable.
 */

const start = '100 execve("/bin/d", ["d"], 0x7ffe /* 3 vars */) = 0';

/** `call what`, in the order of names. */
function factsOf(lines: string[], { unwatched = [] }: { unwatched?: string[] } = {}): string[] {
  const numbered = lines.map((line) => (/^\d/.test(line) ? line : `100 ${line}`));
  return profileOf([start, ...numbered], 0, unwatched).privileged.map(({ call, what }) =>
    `${call}: ${what}`.trim(),
  );
}

describe('what is asked of the kernel over netlink', () => {
  const opened = (protocol: string) => `socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, NETLINK_${protocol}) = 3`;
  const kernel = '{sa_family=AF_NETLINK, nl_pid=0, nl_groups=00000000}';
  const message = (kind: string) =>
    `{nlmsg_len=24, nlmsg_type=${kind}, nlmsg_flags=NLM_F_REQUEST|NLM_F_ACK, nlmsg_seq=1, nlmsg_pid=0}`;
  const sent = (kind: string, to = kernel) =>
    `sendto(3, [${message(kind)}, "\x5cx00"], 24, 0, ${to}, 12) = 24`;

  test('changes are kept, questions are not', () => {
    expect(factsOf([opened('ROUTE'), sent('RTM_GETADDR'), sent('RTM_NEWADDR')])).toEqual([
      'sendto: NETLINK_ROUTE RTM_NEWADDR',
    ]);
    expect(factsOf([opened('GENERIC'), sent('nlctrl'), sent('nl80211')])).toEqual([
      'sendto: NETLINK_GENERIC nl80211',
    ]);
    expect(factsOf([opened('SOCK_DIAG'), sent('SOCK_DIAG_BY_FAMILY')])).toEqual([]);
  });

  test('kinds that strace has no name for are told by the socket', () => {
    expect(factsOf([opened('AUDIT'), sent('0x44d /* NLMSG_??? */')])).toEqual([
      'sendto: NETLINK_AUDIT user message',
    ]);
    expect(factsOf([opened('ROUTE'), sent('0x12 /* NLMSG_??? */')])).toEqual([]);
    expect(factsOf([opened('ROUTE'), sent('0x18 /* NLMSG_??? */')])).toEqual([
      'sendto: NETLINK_ROUTE RTM_NEW (24)',
    ]);
  });

  test('several messages in one, and a buffer that strace did not take apart', () => {
    const both = `sendto(3, [[${message('RTM_NEWLINK')}, {}], [${message('RTM_DELLINK')}, {}]], 48, 0, NULL, 0) = 48`;
    expect(factsOf([opened('ROUTE'), both])).toEqual([
      'sendto: NETLINK_ROUTE RTM_DELLINK',
      'sendto: NETLINK_ROUTE RTM_NEWLINK',
    ]);
    const bytes =
      '\\20\\0\\0\\0\\22\\0\\1\\3\\1\\0\\0\\0\\0\\0\\0\\0\\20\\0\\0\\0\\24\\0\\5\\6\\2\\0\\0\\0\\0\\0\\0\\0';
    const raw = `sendmsg(3, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="${bytes}", iov_len=32}], msg_iovlen=1, msg_controllen=0, msg_flags=0}, 0) = 32`;
    expect(factsOf([opened('ROUTE'), raw])).toEqual(['sendmsg: NETLINK_ROUTE RTM_NEW (20)']);
    expect(factsOf([raw])).toEqual([]);
  });

  test('what goes to others than the kernel, and to whom one listens', () => {
    const group = '{sa_family=AF_NETLINK, nl_pid=0, nl_groups=0x000002}';
    expect(
      factsOf([
        opened('KOBJECT_UEVENT'),
        `bind(3, ${group}, 12) = 0`,
        'setsockopt(3, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, [1], 4) = 0',
        `sendto(3, "libudev\\0\\376\\355", 40, 0, ${group}, 12) = 40`,
      ]),
    ).toEqual([
      'bind: NETLINK_KOBJECT_UEVENT groups',
      'sendto: NETLINK_KOBJECT_UEVENT to others',
      'setsockopt: NETLINK_KOBJECT_UEVENT groups',
    ]);
  });

  test('an annotated socket is known by its inode until it has an address, and by its name from then on', () => {
    const lines = [
      'socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT) = 3<NETLINK:[77]>',
      'dup(3<NETLINK:[77]>) = 9<NETLINK:[77]>',
      'bind(9<NETLINK:[77]>, {sa_family=AF_NETLINK, nl_pid=0, nl_groups=0x000001}, 12) = 0',
      'sendto(4<NETLINK:[ROUTE:100]>, "\\20\\0\\0\\0\\24\\0\\5\\6\\2\\0\\0\\0\\0\\0\\0\\0", 16, 0, NULL, 0) = 16',
    ];
    const expected = ['bind: NETLINK_AUDIT groups', 'sendto: NETLINK_ROUTE RTM_NEW (20)'];
    expect(factsOf(lines)).toEqual(expected);
    // A trace that leaves out the calls that only give numbers.
    expect(factsOf(lines, { unwatched: ['dup', 'close'] })).toEqual(expected);
  });

  test('the same words sent over another kind of socket later are not passed over', () => {
    const same = 'sendto(3, "\\20\\0\\0\\0\\24\\0\\5\\6\\2\\0\\0\\0\\0\\0\\0\\0", 16, 0, NULL, 0) = 16';
    const lines = ['socket(AF_INET, SOCK_DGRAM, 0) = 3', same, 'close(3) = 0', opened('ROUTE'), same];
    expect(factsOf(lines)).toEqual(['sendto: NETLINK_ROUTE RTM_NEW (20)']);
  });
});

describe('requests, options and commands of which only some ask', () => {
  const cases: [string, string[]][] = [
    ['ioctl(3, FS_IOC_SETFLAGS, [FS_NOATIME_FL]) = 0', []],
    ['ioctl(3, FS_IOC_SETFLAGS, [FS_APPEND_FL]) = 0', ['ioctl: immutable or append-only']],
    [
      'ioctl(3, FS_IOC_FSSETXATTR, {fsx_xflags=FS_XFLAG_IMMUTABLE, fsx_extsize=0}) = 0',
      ['ioctl: immutable or append-only'],
    ],
    ['ioctl(3, BTRFS_IOC_CLONE or FICLONE, 4) = 0', []],
    ['ioctl(3, EVIOCGRAB, 1) = 0', []],
    ['ioctl(3, SIOCGIFFLAGS, {ifr_name="lo"}) = 0', []],
    ['ioctl(3, SIOCSIFFLAGS, {ifr_name="lo"}) = 0', ['ioctl: SIOCSIFFLAGS']],
    ['ioctl(3, VT_GETSTATE, 0x7ffe) = 0', []],
    ['ioctl(3, VT_ACTIVATE, 1) = 0', ['ioctl: VT_ACTIVATE']],
    ['ioctl(3, RNDADDENTROPY, {entropy_count=8, buf_size=1}) = 0', ['ioctl: RNDADDENTROPY']],
    ['ioctl(3, TIOCSCTTY, 0) = 0', []],
    ['ioctl(3, LOOP_SET_FD, 4) = 0', []],
    ['setsockopt(3, SOL_SOCKET, SO_PRIORITY, [6], 4) = 0', []],
    ['setsockopt(3, SOL_SOCKET, SO_PRIORITY, [7], 4) = 0', ['setsockopt: SO_PRIORITY']],
    ['setsockopt(3, SOL_SOCKET, SO_TXTIME, "\\1\\0\\0\\0\\0\\0\\0\\0", 8) = 0', []],
    ['setsockopt(3, SOL_SOCKET, SO_TXTIME, "\\v\\0\\0\\0\\0\\0\\0\\0", 8) = 0', ['setsockopt: SO_TXTIME']],
    ['setsockopt(3, SOL_IP, IP_FREEBIND, [1], 4) = 0', []],
    ['setsockopt(3, SOL_TCP, TCP_CONGESTION, "cubic", 5) = 0', []],
    // Four bytes strace shows as a number: this one is reno, that one vega.
    ['setsockopt(3, SOL_TCP, TCP_CONGESTION, [1869505906], 4) = 0', []],
    ['setsockopt(3, SOL_TCP, TCP_CONGESTION, [1634166134], 4) = 0', ['setsockopt: TCP_CONGESTION']],
    ['setsockopt(3, SOL_TCP, TCP_CONGESTION, "bbr", 3) = 0', ['setsockopt: TCP_CONGESTION']],
    ['fcntl(3, F_SETPIPE_SZ, 262144) = 262144', []],
    ['fcntl(3, F_SETPIPE_SZ, 4194304) = 4194304', ['fcntl: F_SETPIPE_SZ above 1 MiB']],
    ['adjtimex({modes=0, offset=0, freq=0}) = 0 (TIME_OK)', []],
    ['adjtimex({modes=ADJ_OFFSET, offset=1, freq=0}) = 0 (TIME_OK)', ['adjtimex:']],
    ['quotactl(QCMD(Q_GETQUOTA, USRQUOTA), "/dev/x", 0, {}) = 0', []],
    ['quotactl(QCMD(Q_GETQUOTA, USRQUOTA), "/dev/x", 1000, {}) = 0', ['quotactl: Q_GETQUOTA of others']],
    ['setxattr("/w/f", "user.a", "1", 1, 0) = 0', []],
    ['setxattr("/w/f", "trusted.overlay.opaque", "y", 1, 0) = 0', ['setxattr: trusted']],
    ['fsetxattr(3, "security.capability", "\\1", 20, 0) = 0', ['fsetxattr: security.capability']],
    ['getxattr("/w/f", "security.capability", 0x7ffe, 20) = 20', []],
    ['mq_open("q", O_RDWR|O_CREAT, 0600, {mq_flags=0, mq_maxmsg=10, mq_msgsize=8192, mq_curmsgs=0}) = 3', []],
    [
      'mq_open("q", O_RDWR|O_CREAT, 0600, {mq_flags=0, mq_maxmsg=20, mq_msgsize=100, mq_curmsgs=0}) = 3',
      ['mq_open: a large queue'],
    ],
    ['mbind(0x7f00, 4096, MPOL_DEFAULT, NULL, 0, 0) = 0', []],
    ['userfaultfd(UFFD_USER_MODE_ONLY) = 3', []],
    ['userfaultfd(O_CLOEXEC) = 3', ['userfaultfd: faults of the kernel']],
    ['setsockopt(3, SOL_SOCKET, SO_DEBUG, [1], 4) = -1 EACCES (Permission denied)', []],
  ];
  test.each(cases)('%s', (line, facts) => expect(factsOf([line])).toEqual(facts));

  test('an attribute that was there is taken back, or stays', () => {
    const there = [
      'openat(AT_FDCWD, "/w/f", O_RDONLY) = 3',
      'ioctl(3, FS_IOC_GETFLAGS, [FS_IMMUTABLE_FL]) = 0',
    ];
    const set = 'ioctl(3, FS_IOC_SETFLAGS, [0]) = 0';
    expect(factsOf([...there, set])).toEqual(['ioctl: immutable or append-only']);
    expect(factsOf([...there, 'ioctl(3, FS_IOC_SETFLAGS, [FS_IMMUTABLE_FL]) = 0'])).toEqual([]);
    expect(done(profileOf([start, ...[...there, set].map((line) => `100 ${line}`)]))).toContain('xattr /w/f');
  });

  test('what is told of a file is kept with the file', () => {
    const lines = [
      'openat(AT_FDCWD, "/w/f", O_RDONLY|O_NOATIME) = 3',
      'fcntl(3, F_SETLEASE, F_RDLCK) = 0',
      'fcntl(3, F_SETFL, O_RDONLY|O_NOATIME) = 0',
    ].map((line) => `100 ${line}`);
    expect(done(profileOf([start, ...lines]))).toEqual(['lease /w/f', 'no-atime /w/f', 'read /w/f']);
  });
});

describe('for oneself, for another', () => {
  const worker = ['clone(child_stack=NULL, flags=SIGCHLD) = 101', '101 setuid(33) = 0'];

  test('anybody may ask for less, or for the same', () => {
    expect(factsOf(['setpriority(PRIO_PROCESS, 0, 0) = 0', 'setpriority(PRIO_PROCESS, 0, 10) = 0'])).toEqual(
      [],
    );
    expect(factsOf(['setpriority(PRIO_PROCESS, 0, 10) = 0', 'setpriority(PRIO_PROCESS, 0, 5) = 0'])).toEqual([
      'setpriority: a lower nice value',
    ]);
    const attributes = (nice: number) =>
      `sched_setattr(0, {size=48, sched_policy=SCHED_OTHER, sched_flags=0, sched_nice=${nice}, sched_priority=0}, 0) = 0`;
    expect(factsOf([attributes(5)])).toEqual(['sched_setattr: SCHED_OTHER']);
    expect(factsOf([attributes(-5)])).toEqual(['sched_setattr: SCHED_OTHER with a lower nice value']);
    expect(
      factsOf([
        'ioprio_set(IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 4)) = 0',
        'ioprio_set(IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_RT, 4)) = 0',
      ]),
    ).toEqual(['ioprio_set: IOPRIO_CLASS_RT']);
  });

  test('a child inherits how nice it is', () => {
    const lines = ['setpriority(PRIO_PROCESS, 0, 10) = 0', 'clone(child_stack=NULL, flags=SIGCHLD) = 101'];
    expect(factsOf([...lines, '101 setpriority(PRIO_PROCESS, 0, 10) = 0'])).toEqual([]);
    expect(factsOf([...lines, '101 setpriority(PRIO_PROCESS, 0, 0) = 0'])).toHaveLength(1);
  });

  test('its own processor is free, that of a worker of another user is not', () => {
    expect(factsOf(['sched_setaffinity(0, 8, [0]) = 0', 'sched_setaffinity(100, 8, [0]) = 0'])).toEqual([]);
    expect(factsOf([...worker, 'sched_setaffinity(101, 8, [0]) = 0'])).toEqual([
      'sched_setaffinity: of a traced process of another user',
    ]);
  });

  test('to look into oneself, or into a child of the same user, is free', () => {
    const look = (pid: number) => `process_vm_readv(${pid}, [], 1, [], 1, 0) = 8`;
    expect(factsOf(['clone(child_stack=NULL, flags=SIGCHLD) = 101', look(100), look(101)])).toEqual([]);
    expect(factsOf([look(7)])).toEqual(['process_vm_readv: another process']);
    expect(factsOf(['ptrace(PTRACE_SEIZE, 7, NULL, 0) = 0', 'ptrace(PTRACE_TRACEME) = 0'])).toEqual([
      'ptrace: PTRACE_SEIZE of another process',
      'ptrace: PTRACE_TRACEME',
    ]);
  });

  test('an object of System V is its owner’s, where the log tells who that is', () => {
    const made = ['clone(child_stack=NULL, flags=SIGCHLD) = 101', '101 setuid(33) = 0'];
    const segment = (mode: string) => [...made, `101 shmget(IPC_PRIVATE, 4096, IPC_CREAT|${mode}) = 5`];
    expect(factsOf([...segment('0600'), 'shmat(5, NULL, 0) = 0x7f0000000000'])).toEqual([
      "shmat: another user's object",
      'shmget: IPC_PRIVATE',
    ]);
    expect(factsOf([...segment('0666'), 'shmat(5, NULL, 0) = 0x7f0000000000'])).toEqual([
      'shmget: IPC_PRIVATE',
    ]);
    expect(factsOf([...segment('0666'), 'shmctl(5, IPC_RMID, NULL) = 0'])).toEqual([
      "shmctl: IPC_RMID of another user's object",
      'shmget: IPC_PRIVATE',
    ]);
    const asked =
      'shmctl(9, IPC_STAT, {shm_perm={uid=0, gid=0, mode=0600, key=0, cuid=33, cgid=0}, shm_segsz=1}) = 0';
    expect(factsOf([asked, 'shmctl(9, IPC_RMID, NULL) = 0'])).toEqual([]);
    expect(factsOf(['shmctl(9, IPC_RMID, NULL) = 0', 'semop(3, [{sem_num=0}], 1) = 0'])).toEqual([]);
  });

  test('a peer is told of another user, and of oneself', () => {
    const said = (ids: string) =>
      `sendmsg(3, {msg_name=NULL, msg_namelen=0, msg_iov=[], msg_iovlen=0, msg_control=[{cmsg_len=28, cmsg_level=SOL_SOCKET, cmsg_type=SCM_CREDENTIALS, cmsg_data={${ids}}}], msg_controllen=32, msg_flags=0}, 0) = 1`;
    expect(factsOf([said('pid=100, uid=0, gid=0')])).toEqual([]);
    expect(factsOf([said('pid=7, uid=33, gid=33')])).toEqual([
      "sendmsg: another's group",
      "sendmsg: another's process number",
      "sendmsg: another's user",
    ]);
  });
});

describe('capabilities by name', () => {
  const set = (caps: string, inheritable = '0') =>
    `capset({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=${caps}, permitted=${caps}, inheritable=${inheritable}}) = 0`;

  test('a set that is named must have been there', () => {
    expect(factsOf([set('1<<CAP_NET_RAW|1<<CAP_SETUID')])).toEqual(['capset: keeps SETUID,NET_RAW']);
    expect(factsOf([set('0', '1<<CAP_SETUID')])).toEqual(['capset: keeps SETUID']);
  });

  test('what is nearly everything was read before, and would be less with less', () => {
    expect(factsOf([set('0x1ffffffffff')])).toEqual([]);
    expect(factsOf([set('0x1ffffbfffff')])).toEqual([]);
    expect(factsOf([set('0')])).toEqual([]);
  });
});

describe('a user namespace of its own', () => {
  test('what is begun with it is not asked of the host', () => {
    const { privileged } = profileOf([start, '100 unshare(CLONE_NEWNS|CLONE_NEWUSER) = 0']);
    expect(privileged.map(({ what, evidence }) => [what, evidence.as])).toEqual([
      ['CLONE_NEWNS', ['0 userns']],
      ['CLONE_NEWUSER', ['0 userns']],
    ]);
  });
});

describe('memory that becomes code', () => {
  const mapped = (at: string, protection: string) =>
    `mmap(NULL, 8192, ${protection}, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = ${at}`;
  const again = (at: string, length = 4096) => `mprotect(${at}, ${length}, PROT_READ|PROT_EXEC) = 0`;

  test('what was executable may be made so again', () => {
    expect(factsOf([mapped('0x7f0000000000', 'PROT_READ|PROT_EXEC'), again('0x7f0000001000')])).toEqual([
      'mprotect: executable again',
    ]);
    expect(factsOf([mapped('0x7f0000000000', 'PROT_READ|PROT_EXEC'), again('0x7f0000001000', 8192)])).toEqual(
      ['mprotect: made executable'],
    );
    expect(factsOf([again('0x7f0000001000')])).toEqual(['mprotect: made executable']);
  });

  test('not once it was something else, in a child of its own or in another thread', () => {
    const code = mapped('0x7f0000000000', 'PROT_READ|PROT_EXEC');
    const data = 'mprotect(0x7f0000000000, 4096, PROT_READ|PROT_WRITE) = 0';
    expect(factsOf([code, data, again('0x7f0000000000')])).toEqual(['mprotect: made executable']);
    expect(
      factsOf([code, mapped('0x7f0000000000', 'PROT_READ|PROT_WRITE'), again('0x7f0000000000')]),
    ).toEqual(['mprotect: made executable']);
    const fork = 'clone(child_stack=NULL, flags=SIGCHLD) = 101';
    expect(factsOf([code, fork, `101 ${data}`, again('0x7f0000000000')])).toEqual([
      'mprotect: executable again',
    ]);
    const thread =
      'clone(child_stack=0x7f, flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD) = 101';
    expect(factsOf([code, thread, `101 ${data}`, again('0x7f0000000000')])).toEqual([
      'mprotect: made executable',
    ]);
  });

  test('the same words again mean what they mean then', () => {
    const code = mapped('0x7f0000000000', 'PROT_READ|PROT_EXEC');
    const data = mapped('0x7f0000000000', 'PROT_READ|PROT_WRITE');
    const lines = [code, again('0x7f0000000000'), data, code, data, again('0x7f0000000000')];
    expect(factsOf(lines)).toEqual(['mprotect: executable again', 'mprotect: made executable']);
  });

  test('a program that was started has none of it, and in a set of files nobody knows', () => {
    const code = mapped('0x7f0000000000', 'PROT_READ|PROT_EXEC');
    const next = 'execve("/bin/e", ["e"], 0x7ffe /* 3 vars */) = 0';
    expect(factsOf([code, next, again('0x7f0000000000')])).toEqual(['mprotect: made executable']);
    const set = profileOfSet({
      100: [start, code, again('0x7f0000000000')].map((line) => line.replace(/^100 /, '')),
    });
    expect(set.privileged.map(({ what }) => what)).toEqual(['made executable']);
  });

  test('to be written and executed is more', () => {
    expect(
      factsOf([
        mapped('0x7f0000000000', 'PROT_READ|PROT_WRITE|PROT_EXEC'),
        'mprotect(0x7f1000000000, 4096, PROT_READ|PROT_WRITE|PROT_EXEC) = 0',
        'shmat(3, NULL, SHM_EXEC) = 0x7f2000000000',
        'shmat(3, NULL, SHM_RDONLY|SHM_EXEC) = 0x7f3000000000',
      ]),
    ).toEqual([
      'mmap: written and executed',
      'mprotect: written and executed',
      'shmat: mapped executable',
      'shmat: written and executed',
    ]);
  });
});
