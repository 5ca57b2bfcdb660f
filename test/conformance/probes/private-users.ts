import { each, type ProbeFile, someUser } from '../probe.ts';

const acts = [
  "opened(socket.AF_INET).bind(('127.0.0.1', #))",
  "opened(socket.AF_INET).bind(('127.0.0.1', 20000 + #))",
  'child(lambda: os.setuid(1))',
  'child(lambda: os.setgid(1))',
  'child(lambda: os.setgroups([1]))',
  "os.chown('@/f', 1, 1)",
  'socket.sethostname(socket.gethostname())',
  "write('@/f')",
  "read('@/secret')",
  "read('@/closed')",
  "os.chmod('@/closed', 0o644)",
  "call('settimeofday', 0, 0)",
];
const before = [
  "open('@/secret', 'w'); os.chmod('@/secret', 0o600)",
  "open('@/closed', 'w'); os.chown('@/closed', 1, 1); os.chmod('@/closed', 0o600)",
].join('\n');

export default {
  directive: 'PrivateUsers',
  probes: [
    ...each('PrivateUsers=yes', acts, { before }),
    // What is about the process itself goes on.
    ...each('PrivateUsers=yes', ["call('chroot', b'/')", "child(lambda: call('prctl', 24, 0, 0, 0, 0))"]),
    ...each('PrivateUsers=yes', ["os.chown('@/f', 0, -1)"]),
    ...each('PrivateUsers=yes', ["os.chown('@/f', 0, 0)"], {
      differs: {
        why: 'Giving a file to oneself and to the group that one is of changes nothing; a log does not tell which group that is.',
      },
    }),
    ...each('PrivateUsers=yes', ['os.setpriority(os.PRIO_PROCESS, 0, -5)']),
    ...each('PrivateUsers=self', acts.slice(0, 6), { before }),
    ...each('PrivateUsers=identity', acts.slice(0, 6), { before }),
    ...each('PrivateUsers=full', acts.slice(0, 6), { before }),
    ...each('PrivateUsers=managed', acts.slice(1, 2), {
      differs: {
        why: 'Its ids come from systemd-nsresourced: where that does not run, a unit does not start; a trace does not tell.',
        in: (version) => version >= 260,
      },
    }),
    ...each('PrivateUsers=no', acts.slice(0, 3), { before }),
    ...each('PrivateUsers=yes', ["write('@/f')", "create('@/n')"], { user: someUser }),
    ...each('PrivateUsers=yes', ["opened(socket.AF_INET).bind(('127.0.0.1', #))"], {
      user: someUser,
      unit: ['AmbientCapabilities=CAP_NET_BIND_SERVICE'],
    }),
  ],
} satisfies ProbeFile;
