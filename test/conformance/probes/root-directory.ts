import { both, each, type ProbeFile } from '../probe.ts';

export default {
  directive: 'RootDirectory',
  probes: [
    ...both('RootDirectory=/', ["write('@/f')", "create('@/n')", "read('/proc/1/stat')"]),
    ...each('RootDirectory=@', ["read('@/f')"], {
      differs: {
        why: 'In a tree without the program the unit does not start (203/EXEC): `check` says that it judges no other tree.',
      },
    }),
    ...each(['RootDirectory=@', 'RootDirectory='], ["read('@/f')"]),
    ...each(
      ['RootDirectory=@', 'MountAPIVFS=yes', 'BindReadOnlyPaths=/usr /lib /lib64 /opt', 'BindPaths=@'],
      ["read('@/f')", "write('@/f')"],
    ),
  ],
} satisfies ProbeFile;
