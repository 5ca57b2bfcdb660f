import { each, type ProbeFile, someUser } from '../probe.ts';

const looks = [
  "read('/proc/1/stat')",
  "os.stat('/proc/1')",
  "read('/proc/self/stat')",
  "expect('1' in os.listdir('/proc'))",
  "read('/proc/meminfo')",
];

export default {
  directive: 'ProtectProc',
  probes: [
    ...['invisible', 'noaccess', 'ptraceable', 'default'].flatMap((value) => [
      ...each(`ProtectProc=${value}`, looks),
      ...each(`ProtectProc=${value}`, looks, { user: someUser }),
    ]),
    ...each(['ProtectProc=ptraceable', 'CapabilityBoundingSet='], looks),
    ...each(['ProtectProc=invisible', 'CapabilityBoundingSet='], looks),
    // Who has CAP_SYS_PTRACE sees all.
    ...each(['ProtectProc=ptraceable', 'CapabilityBoundingSet=CAP_SYS_PTRACE'], looks),
    ...each(['ProtectProc=ptraceable', 'CapabilityBoundingSet=~CAP_SYS_PTRACE'], looks),
    ...each(['ProtectProc=ptraceable', 'PrivateUsers=yes'], looks.slice(0, 2)),
    ...each(['ProtectProc=ptraceable', 'SecureBits=noroot'], looks.slice(0, 2)),
    // The kernel does not ask members of group 0.
    ...each('ProtectProc=invisible', looks.slice(0, 2), {
      user: someUser,
      unit: ['Group=root'],
      differs: {
        why: 'A log does not tell of which group one is: who is not root is taken for no member of group 0.',
      },
    }),
    ...each('ProtectProc=ptraceable', looks.slice(0, 2), { user: someUser, unit: ['Group=root'] }),
    ...each(['ProtectProc=invisible'], looks.slice(0, 1), {
      user: someUser,
      unit: ['AmbientCapabilities=CAP_SYS_PTRACE'],
      differs: {
        why: 'No trace shows a capability that the unit gave to its user, but by what it was good for.',
      },
    }),
  ],
} satisfies ProbeFile;
