import { each, type ProbeFile, someUser } from '../probe.ts';

const before = "open('/tmp/theirs-#', 'w'); os.chmod('/tmp/theirs-#', 0o666)";
const own = ["create('/tmp/n#')", "create('/var/tmp/n#')"];
const reads = "read('/tmp/theirs-#')";
const differs = {
  why: 'Whether a file in /tmp was put there by others is asked of the whole profile, by `infer`, and not of one act.',
};

export default {
  directive: 'PrivateTmp',
  probes: [
    ...each('PrivateTmp=yes', own),
    ...each('PrivateTmp=yes', [reads, "os.unlink('/tmp/theirs-#')"], { before, differs }),
    ...each('PrivateTmp=yes', own, { user: someUser }),
    ...each('PrivateTmp=yes', [reads], { before, user: someUser, differs }),
    ...each('PrivateTmp=disconnected', own),
    ...each('PrivateTmp=disconnected', [reads], {
      before,
      differs: { ...differs, in: (version) => version >= 257 },
    }),
    ...each('PrivateTmp=no', [reads], { before }),
    ...each(['PrivateTmp=yes', 'ProtectSystem=strict'], own),
    ...each(
      ['PrivateTmp=yes', 'NoExecPaths=/tmp'],
      ["copy('/usr/bin/true', '/tmp/n#'); run('/tmp/n#'); os.unlink('/tmp/n#')"],
      {
        differs: { why: 'What was made in /tmp and then run is taken for something that others put there.' },
      },
    ),
    ...each(['PrivateTmp=yes', 'PrivateTmp=bogus'], [reads], { before, differs }),
  ],
} satisfies ProbeFile;
