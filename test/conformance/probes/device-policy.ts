import { each, type ProbeFile, someUser } from '../probe.ts';

const acts = [
  "write('/dev/null')",
  "read('/dev/urandom')",
  "os.close(os.open('/dev/kmsg', os.O_WRONLY))",
  "os.close(os.open('/dev/fuse', os.O_RDWR))",
  "call('mknod', b'@/n', 0o20600, 0x103)",
];

export default {
  directive: 'DevicePolicy',
  probes: [
    ...each('DevicePolicy=closed', acts),
    ...each('DevicePolicy=closed', [...acts.slice(0, 2), ...acts.slice(3, 4)], { user: someUser }),
    ...each(['DevicePolicy=closed', 'DeviceAllow=/dev/fuse rw'], acts.slice(3, 4), { user: someUser }),
    {
      lines: ['DevicePolicy=closed'],
      act: "call('mknod', b'@/n', 0o20600, 0x10b)",
      differs: {
        why: 'The policy is about device numbers, and a profile tells which device a path is, not which one a new node is for.',
      },
    },
    ...each(['DevicePolicy=closed', 'DeviceAllow=/dev/fuse rw'], acts.slice(2, 4)),
    ...each('DeviceAllow=/dev/fuse rw', acts.slice(0, 4)),
    ...each('DevicePolicy=auto', acts.slice(2, 4)),
    {
      lines: ['DevicePolicy=strict'],
      act: "write('/dev/null')",
      differs: {
        why: 'systemd itself opens /dev/null for the daemon, before it begins (208/STDIN): no trace shows that.',
      },
    },
  ],
} satisfies ProbeFile;
