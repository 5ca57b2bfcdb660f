import { both, each, type ProbeFile } from '../probe.ts';

const acts = [
  "os.mkdir('/sys/fs/cgroup/n#'); os.rmdir('/sys/fs/cgroup/n#')",
  "os.listdir('/sys/fs/cgroup')",
  "read('/sys/fs/cgroup/cgroup.controllers')",
];

export default {
  directive: 'ProtectControlGroups',
  probes: [
    ...each('ProtectControlGroups=yes', acts.slice(0, 1)),
    ...both('ProtectControlGroups=yes', acts.slice(1)),
    ...each('ProtectControlGroups=strict', acts.slice(0, 1), {
      differs: { why: 'The values that came with 257 have no model yet.', in: (version) => version >= 257 },
    }),
    ...each('ProtectControlGroups=no', acts.slice(0, 1)),
  ],
} satisfies ProbeFile;
