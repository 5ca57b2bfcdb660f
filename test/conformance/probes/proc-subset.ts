import { each, type ProbeFile, someUser } from '../probe.ts';

const looks = [
  "read('/proc/self/stat')",
  "read('/proc/1/stat')",
  "read('/proc/meminfo')",
  "os.stat('/proc/sys')",
  "read('/proc/mounts')",
  "read('/proc/self/mounts')",
  "os.listdir('/proc')",
  "read('/proc/thread-self/comm')",
];

export default {
  directive: 'ProcSubset',
  probes: [
    ...each('ProcSubset=pid', looks),
    ...each('ProcSubset=pid', looks.slice(0, 3), { user: someUser }),
    ...each('ProcSubset=all', looks.slice(0, 3)),
  ],
} satisfies ProbeFile;
