import { each, type ProbeFile, someUser } from '../probe.ts';

const before = "open('/tmp/theirs-#', 'w'); os.chmod('/tmp/theirs-#', 0o666)";

export default {
  directive: 'PrivateTmp',
  probes: [
    ...each(
      'PrivateTmp=yes',
      ["create('/tmp/n#')", "create('/var/tmp/n#')", "read('/tmp/theirs-#')", "os.unlink('/tmp/theirs-#')"],
      {
        before,
      },
    ),
    ...each('PrivateTmp=yes', ["create('/tmp/n#')", "read('/tmp/theirs-#')"], { before, user: someUser }),
    ...each('PrivateTmp=disconnected', ["create('/tmp/n#')", "read('/tmp/theirs-#')"], { before }),
    ...each('PrivateTmp=no', ["read('/tmp/theirs-#')"], { before }),
    ...each(['PrivateTmp=yes', 'ProtectSystem=strict'], ["create('/tmp/n#')", "create('/var/tmp/n#')"]),
    ...each(
      ['PrivateTmp=yes', 'NoExecPaths=/tmp'],
      ["copy('/usr/bin/true', '/tmp/n#'); run('/tmp/n#'); os.unlink('/tmp/n#')"],
    ),
    ...each(['PrivateTmp=yes', 'PrivateTmp=bogus'], ["read('/tmp/theirs-#')"], { before }),
  ],
} satisfies ProbeFile;
