import { each, type ProbeFile, someUser } from '../probe.ts';

const refused = [
  'pages(mmap.PROT_READ | WX)',
  'protect(pages(3), RX)',
  'protect(pages(RX), RX)',
  "call('shmat', call('shmget', 0, 4096, 0o1700), 0, 0o100000)",
  "call('pkey_mprotect', pages(3), 4096, RX, -1)",
  // What was executable is no longer, and shall be again.
  'at = pages(RX); protect(at, 3); protect(at, RX)',
  "protect(libc.mmap(None, ctypes.c_long(4096), 1, mmap.MAP_PRIVATE, os.open('/usr/bin/true', os.O_RDONLY), ctypes.c_long(0)), RX)",
  "call('shmat', call('shmget', 0, 4096, 0o1700), 0, 0o110000)",
  'child(lambda: protect(pages(RX), RX))',
];
const acts = [
  'pages(RX)',
  'protect(pages(3), 1)',
  "mapped('/usr/bin/true', RX)",
  "call('shmat', call('shmget', 0, 4096, 0o1700), 0, 0)",
  "run('/usr/bin/true')",
  "fd = call('memfd_create', b'x', 0); os.write(fd, b'x' * 4096); mmap.mmap(fd, 4096, mmap.MAP_PRIVATE, RX)",
];

export default {
  directive: 'MemoryDenyWriteExecute',
  probes: [
    ...each('MemoryDenyWriteExecute=yes', refused),
    ...each('MemoryDenyWriteExecute=yes', refused.slice(0, 3), { user: someUser }),
    ...each('MemoryDenyWriteExecute=yes', acts),
    ...each('MemoryDenyWriteExecute=yes', acts.slice(0, 2), { user: someUser }),
    ...each('MemoryDenyWriteExecute=no', refused.slice(0, 2)),
  ],
} satisfies ProbeFile;
