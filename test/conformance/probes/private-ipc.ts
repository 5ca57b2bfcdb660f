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
    ...each('PrivateIPC=yes', own.slice(0, 3), {
      differs: {
        why: 'Objects of its own work; only those shared with others are lost, and a profile does not tell whose they are.',
      },
    }),
    ...each('PrivateIPC=yes', own.slice(3)),
    ...each('PrivateIPC=yes', ["call('shmget', 0x515000 + #, 0, 0)"], {
      before: 'import ctypes; ctypes.CDLL(None).shmget(0x515000 + #, 4096, 0o1666)',
    }),
    ...each('PrivateMounts=yes', ["write('@/f')"]),
    ...each('RemoveIPC=yes', own.slice(0, 1)),
    ...each('KeyringMode=private', ["call('add_key', b'user', b'n#', b'x', 1, -3)"]),
    {
      lines: ['KeyringMode=private'],
      act: "call('keyctl', 0, -3, 1)",
      differs: {
        why: 'Of the many things that keyctl does only reading keys of others is refused; a profile holds its name alone.',
      },
    },
    ...each('UMask=0077', ["create('@/n')", "make_directory('@/n')"]),
  ],
} satisfies ProbeFile;
