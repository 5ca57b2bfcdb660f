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
    ...each('ProtectProc=ptraceable', [...looks.slice(0, 2), ...looks.slice(3, 4)], {
      differs: {
        why: 'Who has CAP_SYS_PTRACE sees all; the model takes it for dropped, as it is beside this value in our drop-ins.',
      },
    }),
    ...['invisible', 'noaccess', 'ptraceable', 'default'].flatMap((value) => [
      ...each(
        `ProtectProc=${value}`,
        value === 'ptraceable' ? [...looks.slice(2, 3), ...looks.slice(4)] : looks,
      ),
      ...each(`ProtectProc=${value}`, looks, { user: someUser }),
    ]),
    ...each(['ProtectProc=ptraceable', 'CapabilityBoundingSet='], looks),
    ...each(['ProtectProc=invisible', 'CapabilityBoundingSet='], looks),
  ],
} satisfies ProbeFile;
