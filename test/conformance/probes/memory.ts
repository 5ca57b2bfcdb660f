import { each, type ProbeFile, someUser } from '../probe.ts';

const acts = [
  'pages(mmap.PROT_READ | WX)',
  'protect(pages(3), RX)',
  'protect(pages(RX), RX)',
  'pages(RX)',
  'protect(pages(3), 1)',
  "mapped('/usr/bin/true', RX)",
  "call('shmat', call('shmget', 0, 4096, 0o1700), 0, 0o100000)",
  "call('shmat', call('shmget', 0, 4096, 0o1700), 0, 0)",
  "call('pkey_mprotect', pages(3), 4096, RX, -1)",
  "run('/usr/bin/true')",
  "fd = call('memfd_create', b'x', 0); os.write(fd, b'x' * 4096); mmap.mmap(fd, 4096, mmap.MAP_PRIVATE, RX)",
];

export default {
  directive: 'MemoryDenyWriteExecute',
  probes: [
    ...each('MemoryDenyWriteExecute=yes', acts),
    ...each('MemoryDenyWriteExecute=yes', acts.slice(0, 4), { user: someUser }),
    ...each('MemoryDenyWriteExecute=no', acts.slice(0, 2)),
  ],
} satisfies ProbeFile;
