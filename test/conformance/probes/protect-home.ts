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

/** What is made in an empty home is there: it can be written until 257. */
const own = [
  "open('/home/n#', 'w').write('data'); read('/home/n#'); os.unlink('/home/n#')",
  "os.mkdir('/home/n#'); create('/home/n#/f'); os.rmdir('/home/n#')",
];

export default {
  directive: 'ProtectHome',
  probes: [
    ...['yes', 'read-only', 'tmpfs', 'no'].flatMap((value) => [
      ...each(`ProtectHome=${value}`, acts),
      ...each(`ProtectHome=${value}`, acts, { user: someUser }),
    ]),
    ...each('ProtectHome=tmpfs', own),
    ...each('ProtectHome=tmpfs', own, { user: someUser, before: "os.chmod('/home', 0o777)" }),
    ...each('ProtectHome=yes', ["create('/root/n#')", "os.stat('/run/user')", "create('/var/lib/n#')"]),
    ...each(['ProtectHome=tmpfs', 'BindPaths=/home/probe'], acts.slice(0, 4)),
    ...each(['ProtectHome=tmpfs', 'BindReadOnlyPaths=/home/probe'], acts.slice(0, 3)),
    ...each(['ProtectHome=yes', 'ReadWritePaths=/home/probe'], acts.slice(0, 3)),
    ...each(['ProtectHome=read-only', 'ReadWritePaths=/home/probe'], acts.slice(0, 3)),
  ],
} satisfies ProbeFile;
