/**
 * Numbers of the constants that a reader asks for, as a trace holds them under `-X raw` and `-e raw=`. The values are those of
 * x86-64, most of them the same everywhere (O_DIRECTORY, O_NOFOLLOW and O_DIRECT differ on arm):
 * https://github.com/torvalds/linux/tree/master/include/uapi (asm-generic/fcntl.h, linux/fcntl.h, linux/sched.h,
 * asm-generic/mman-common.h, linux/mount.h), and for AF_*, SOCK_* and MSG_* include/linux/socket.h.
 *
 * A number has the constant when `(number & mask) === value`.
 */
export interface Constant {
  value: number;
  mask: number;
}

function flags(values: Record<string, number>): Record<string, Constant> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, mask: value }]));
}

function choices(mask: number, values: Record<string, number>): Record<string, Constant> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, mask }]));
}

const wholeNumber = 0xffffffff;

export const constants: Readonly<Record<string, Constant>> = {
  ...choices(3, { O_RDONLY: 0x0, O_WRONLY: 0x1, O_RDWR: 0x2 }),
  ...flags({
    O_CREAT: 0x40,
    O_EXCL: 0x80,
    O_NOCTTY: 0x100,
    O_TRUNC: 0x200,
    O_APPEND: 0x400,
    O_NONBLOCK: 0x800,
    O_DIRECT: 0x4000,
    O_DIRECTORY: 0x10000,
    O_NOFOLLOW: 0x20000,
    O_NOATIME: 0x40000,
    O_CLOEXEC: 0x80000,
    O_PATH: 0x200000,
    O_TMPFILE: 0x410000,
  }),
  ...choices(wholeNumber, {
    F_DUPFD: 0x0,
    F_GETFD: 0x1,
    F_SETFD: 0x2,
    F_GETFL: 0x3,
    F_SETFL: 0x4,
    F_DUPFD_CLOEXEC: 0x406,
    F_SETOWN: 0x8,
    F_SETLEASE: 0x400,
    F_SETLK: 0x6,
    F_SETLKW: 0x7,
    F_ADD_SEALS: 0x409,
    F_SETPIPE_SZ: 0x407,
  }),
  ...flags({ FD_CLOEXEC: 0x1, CLOSE_RANGE_UNSHARE: 0x2, CLOSE_RANGE_CLOEXEC: 0x4 }),
  ...flags({
    AT_SYMLINK_NOFOLLOW: 0x100,
    AT_REMOVEDIR: 0x200,
    AT_EACCESS: 0x200,
    AT_SYMLINK_FOLLOW: 0x400,
    AT_EMPTY_PATH: 0x1000,
    AT_NO_AUTOMOUNT: 0x800,
  }),
  ...flags({ R_OK: 0x4, W_OK: 0x2, X_OK: 0x1 }),
  ...flags({ PROT_READ: 0x1, PROT_WRITE: 0x2, PROT_EXEC: 0x4 }),
  ...choices(0xf, { MAP_SHARED: 0x1, MAP_PRIVATE: 0x2, MAP_SHARED_VALIDATE: 0x3 }),
  ...flags({
    MAP_FIXED: 0x10,
    MAP_ANONYMOUS: 0x20,
    MAP_LOCKED: 0x2000,
    MAP_HUGETLB: 0x40000,
    SHM_EXEC: 0x8000,
    SHM_RDONLY: 0x1000,
    SHM_HUGETLB: 0x800,
    IPC_CREAT: 0x200,
    IPC_EXCL: 0x400,
    MPOL_MF_MOVE_ALL: 0x4,
    UFFD_USER_MODE_ONLY: 0x1,
    MFD_CLOEXEC: 0x1,
    MFD_EXEC: 0x10,
    MFD_NOEXEC_SEAL: 0x8,
  }),
  ...flags({
    CLONE_VM: 0x100,
    CLONE_FS: 0x200,
    CLONE_FILES: 0x400,
    CLONE_PIDFD: 0x1000,
    CLONE_PTRACE: 0x2000,
    CLONE_VFORK: 0x4000,
    CLONE_PARENT: 0x8000,
    CLONE_THREAD: 0x10000,
    CLONE_NEWNS: 0x20000,
    CLONE_UNTRACED: 0x800000,
    CLONE_NEWCGROUP: 0x2000000,
    CLONE_NEWUTS: 0x4000000,
    CLONE_NEWIPC: 0x8000000,
    CLONE_NEWUSER: 0x10000000,
    CLONE_NEWPID: 0x20000000,
    CLONE_NEWNET: 0x40000000,
    CLONE_NEWTIME: 0x80,
    CLONE_INTO_CGROUP: 0x200000000,
  }),
  ...choices(wholeNumber, {
    AF_UNSPEC: 0x0,
    AF_UNIX: 0x1,
    AF_INET: 0x2,
    AF_INET6: 0xa,
    AF_NETLINK: 0x10,
    AF_PACKET: 0x11,
    AF_ALG: 0x26,
    AF_VSOCK: 0x28,
    AF_BLUETOOTH: 0x1f,
    AF_CAN: 0x1d,
    AF_XDP: 0x2c,
    AF_KEY: 0xf,
  }),
  ...choices(0xf, { SOCK_STREAM: 0x1, SOCK_DGRAM: 0x2, SOCK_RAW: 0x3, SOCK_SEQPACKET: 0x5 }),
  ...flags({
    SOCK_CLOEXEC: 0x80000,
    SOCK_NONBLOCK: 0x800,
    MSG_CMSG_CLOEXEC: 0x40000000,
    EPOLL_CLOEXEC: 0x80000,
    EFD_CLOEXEC: 0x80000,
    SFD_CLOEXEC: 0x80000,
    TFD_CLOEXEC: 0x80000,
    IN_CLOEXEC: 0x80000,
  }),
  ...choices(wholeNumber, { SOL_SOCKET: 0x1, SCM_RIGHTS: 0x1 }),
  ...flags({ MS_RDONLY: 0x1, MS_BIND: 0x1000, MS_REMOUNT: 0x20, MS_MOVE: 0x2000, UMOUNT_NOFOLLOW: 0x8 }),
};
