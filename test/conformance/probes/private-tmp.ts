import { each, type ProbeFile, someUser } from '../probe.ts';

const before = "open('/tmp/theirs-#', 'w'); os.chmod('/tmp/theirs-#', 0o666)";
const own = ["create('/tmp/n#')", "create('/var/tmp/n#')"];
const reads = "read('/tmp/theirs-#')";
const theirs = [
  reads,
  "os.unlink('/tmp/theirs-#')",
  "os.stat('/tmp/theirs-#')",
  "os.chmod('/tmp/theirs-#', 0o600)",
  "expect('theirs-#' in os.listdir('/tmp'))",
];
const runs = "copy('/usr/bin/true', '/tmp/n#'); run('/tmp/n#'); os.unlink('/tmp/n#')";

export default {
  directive: 'PrivateTmp',
  probes: [
    ...each('PrivateTmp=yes', own),
    ...each('PrivateTmp=yes', theirs, { before }),
    ...each('PrivateTmp=yes', own, { user: someUser }),
    ...each('PrivateTmp=yes', [reads], { before, user: someUser }),
    ...each('PrivateTmp=disconnected', own),
    ...each('PrivateTmp=disconnected', [reads], { before }),
    ...each('PrivateTmp=no', [reads], { before }),
    ...each(['PrivateTmp=yes', 'ProtectSystem=strict'], own),
    ...each(['PrivateTmp=yes', 'NoExecPaths=/tmp'], [runs]),
    ...each(['PrivateTmp=yes', 'NoExecPaths=/', 'ExecPaths=/usr /lib -/lib64 /opt'], ["create('/tmp/n#')"]),
    ...each(['PrivateTmp=yes', 'ReadOnlyPaths=/tmp'], ["create('/tmp/n#')"]),
    ...each(['PrivateTmp=yes', 'PrivateTmp=bogus'], [reads], { before }),
  ],
} satisfies ProbeFile;
