import { each, type ProbeFile, someUser } from '../probe.ts';

const acts = [
  "os.chmod('@/g', 0o4755)",
  "os.chmod('@/d', 0o2775)",
  "os.chmod('@/g', 0o1755)",
  "os.chmod('@/g', 0o755)",
  "os.fchmod(os.open('@/g', os.O_RDONLY), 0o2755)",
  "call('fchmodat', -100, b'@/g', 0o4755)",
  "make_directory('@/n', 0o2775)",
  "make_directory('@/n', 0o1777)",
  "call('mknod', b'@/n', 0o104755, 0)",
  "os.mkfifo('@/n', 0o600)",
  "create('@/n', 0o4755)",
  "create('@/n')",
  "call('creat', b'@/n', 0o2755)",
  "call('openat2', -100, b'@/f', struct.pack('<QQQ', 0, 0, 0), 24)",
];
const plain = "call('fchmodat2', -100, b'@/g', 0o755, 0)";

export default {
  directive: 'RestrictSUIDSGID',
  probes: [
    ...each('RestrictSUIDSGID=yes', acts),
    ...each('RestrictSUIDSGID=no', acts.slice(0, 2)),
    ...each(
      'RestrictSUIDSGID=yes',
      ["create('@/n', 0o4755)", "make_directory('@/n', 0o2775)", "create('@/n')"],
      {
        user: someUser,
      },
    ),
    ...each('RestrictSUIDSGID=yes', [plain]),
    {
      lines: ['RestrictSUIDSGID=yes'],
      act: "call('fchmodat2', -100, b'@/g', 0o4755, 0)",
      differs: {
        why: 'The strace of Debian 12 does not know fchmodat2, so its log does not tell the mode.',
        in: (version) => version < 257,
      },
    },
  ],
} satisfies ProbeFile;
