import { each, type ProbeFile } from '../probe.ts';

const own = [
  "call('shmget', 0, 4096, 0o1700)",
  "call('semget', 0, 1, 0o1700)",
  "call('msgget', 0, 0o1700)",
  "create('/dev/shm/n#')",
];

export default {
  directive: 'PrivateIPC, PrivateMounts, RemoveIPC, KeyringMode, UMask',
  probes: [
    ...each('PrivateIPC=yes', own),
    ...each('PrivateIPC=yes', ["call('shmget', 0x515000 + #, 0, 0)"], {
      before: 'import ctypes; ctypes.CDLL(None).shmget(0x515000 + #, 4096, 0o1666)',
    }),
    ...each('PrivateMounts=yes', [
      "call('mount', b'none', b'@/d', b'tmpfs', 0, 0); call('umount2', b'@/d', 2)",
      "write('@/f')",
    ]),
    ...each('RemoveIPC=yes', own.slice(0, 1)),
    ...each('KeyringMode=private', ["call('add_key', b'user', b'n#', b'x', 1, -3)"]),
    // Which keyring is one's own, and a new one; and what one put into it oneself.
    ...each('KeyringMode=private', ["call('keyctl', 0, -3, 1)", "call('keyctl', 1, 0)"]),
    {
      lines: ['KeyringMode=private'],
      act: "call('keyctl', 11, call('add_key', b'user', b'n#', b'x', 1, -3), 0, 0)",
      differs: { why: 'A key of its own is read; a profile does not tell whose it was.' },
    },
    ...each('UMask=0077', ["create('@/n')", "make_directory('@/n')"]),
  ],
} satisfies ProbeFile;
