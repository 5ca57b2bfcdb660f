import { each, type ProbeFile, someUser } from '../probe.ts';

const acts = [
  "read('/home/probe/f')",
  "write('/home/probe/f')",
  "create('/home/probe/n#')",
  "os.stat('/home/probe')",
  "os.stat('/home')",
  "os.chdir('/home/probe')",
  "expect(os.listdir('/home') != [])",
];

export default {
  directive: 'ProtectHome',
  probes: [
    ...['yes', 'read-only', 'tmpfs', 'no'].flatMap((value) => [
      ...each(`ProtectHome=${value}`, acts),
      ...each(`ProtectHome=${value}`, acts, { user: someUser }),
    ]),
    ...each('ProtectHome=yes', ["create('/root/n#')", "os.stat('/run/user')", "create('/var/lib/n#')"]),
    ...each(['ProtectHome=tmpfs', 'BindPaths=/home/probe'], acts.slice(0, 4)),
    ...each(['ProtectHome=tmpfs', 'BindReadOnlyPaths=/home/probe'], acts.slice(0, 3)),
    ...each(['ProtectHome=yes', 'ReadWritePaths=/home/probe'], acts.slice(0, 3)),
    ...each(['ProtectHome=read-only', 'ReadWritePaths=/home/probe'], acts.slice(0, 3)),
  ],
} satisfies ProbeFile;
