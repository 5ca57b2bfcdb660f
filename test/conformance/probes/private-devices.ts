import { each, type ProbeFile, someUser } from '../probe.ts';

const acts = [
  "write('/dev/null')",
  "read('/dev/urandom')",
  "read('/dev/full')",
  "os.close(os.open('/dev/kmsg', os.O_WRONLY))",
  "os.stat('/dev/fuse')",
  "create('/dev/shm/n#')",
  "create('/dev/n#')",
  "call('mknod', b'@/n', 0o20600, 0x103)",
  "call('mknod', b'@/n', 0o10600, 0)",
  "past('ENOSYS', lambda: call('iopl', 3))",
  "past('ENOSYS', lambda: call('ioperm', 0, 1, 0))",
  "mmap.mmap(os.open('/dev/zero', os.O_RDONLY), 4096, mmap.MAP_PRIVATE, mmap.PROT_READ)",
  "mmap.mmap(os.open('/dev/zero', os.O_RDONLY), 4096, mmap.MAP_PRIVATE, RX)",
  "os.close(os.open('/dev/ptmx', os.O_RDWR | os.O_NOCTTY))",
  "os.listdir('/dev/pts')",
];
const fuse = "os.close(os.open('/dev/fuse', os.O_RDWR))";

export default {
  directive: 'PrivateDevices',
  probes: [
    ...each('PrivateDevices=yes', [...acts, fuse]),
    ...each('PrivateDevices=yes', [acts[0] ?? '', acts[4] ?? '', acts[5] ?? ''], { user: someUser }),
    ...each('PrivateDevices=no', [acts[3] ?? '', acts[7] ?? '']),
    // It implies DevicePolicy=closed.
    ...each(['PrivateDevices=yes', 'BindPaths=/dev/fuse'], [fuse, "os.stat('/dev/fuse')"]),
    ...each(['PrivateDevices=yes', 'BindPaths=/dev/fuse', 'DevicePolicy=auto'], [fuse]),
    ...each(['DevicePolicy=closed', 'PrivateDevices=yes', 'PrivateDevices=no'], [fuse]),
    ...each(['PrivateDevices=yes', 'PrivateDevices=no'], [fuse]),
    ...each(['PrivateDevices=yes', 'DeviceAllow=/dev/fuse rw'], [fuse]),
    ...each(['PrivateDevices=yes', 'BindPaths=/dev/fuse', 'DeviceAllow=/dev/fuse rw'], [fuse]),
    ...each(['PrivateDevices=yes', 'NoExecPaths=/dev/shm'], ["create('/dev/shm/n#')"]),
  ],
} satisfies ProbeFile;
