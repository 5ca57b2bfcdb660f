import { both, each, type ProbeFile, someUser } from '../probe.ts';

const own = [
  "call('shmget', 0, 4096, 0o1700)",
  "call('semget', 0, 1, 0o1700)",
  "call('msgget', 0, 0o1700)",
  "create('/dev/shm/n#')",
];

/** Made by somebody else, and found by its key. */
const shared = 'import ctypes; ctypes.CDLL(None).shmget(0x515000 + #, 4096, 0o1666)';
const others = "call('shmget', 0x515000 + #, 0, 0)";
const mounts = "call('mount', b'none', b'@/d', b'tmpfs', 0, 0); call('umount2', b'@/d', 2)";
const key = "call('add_key', b'user', b'n#', b'x', 1, -3)";

export default {
  directive: 'PrivateIPC, PrivateMounts, RemoveIPC, KeyringMode, UMask',
  probes: [
    ...both('PrivateIPC=yes', own),
    ...each('PrivateIPC=no', [...own, others], { before: shared }),
    ...both('PrivateIPC=yes', [others], { before: shared }),
    ...each('PrivateMounts=yes', [mounts, "write('@/f')"]),
    ...each('PrivateMounts=yes', ["write('@/f')"], { user: someUser }),
    ...each('PrivateMounts=no', [mounts]),
    // What is left behind goes when the unit stops; until then nothing is refused.
    ...both('RemoveIPC=yes', own),
    ...both('RemoveIPC=no', own.slice(0, 1)),
    ...['private', 'shared', 'inherit'].flatMap((value) => both(`KeyringMode=${value}`, [key])),
    // Which keyring is one's own, and a new one; and what one put into it oneself.
    ...each('KeyringMode=private', ["call('keyctl', 0, -3, 1)", "call('keyctl', 1, 0)"]),
    {
      lines: ['KeyringMode=private'],
      act: "call('keyctl', 11, call('add_key', b'user', b'n#', b'x', 1, -3), 0, 0)",
      differs: { why: 'A key of its own is read; a profile does not tell whose it was.' },
    },
    ...both('UMask=0077', ["create('@/n')", "make_directory('@/n')"]),
  ],
} satisfies ProbeFile;
