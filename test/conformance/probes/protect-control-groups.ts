import { both, each, type ProbeFile } from '../probe.ts';

const acts = [
  "os.mkdir('/sys/fs/cgroup/n#'); os.rmdir('/sys/fs/cgroup/n#')",
  "os.listdir('/sys/fs/cgroup')",
  "read('/sys/fs/cgroup/cgroup.controllers')",
];
const ofOthers = "read('/sys/fs/cgroup/init.scope/cgroup.events')";

export default {
  directive: 'ProtectControlGroups',
  probes: [
    ...each('ProtectControlGroups=yes', acts.slice(0, 1)),
    ...both('ProtectControlGroups=yes', [...acts.slice(1), ofOthers]),
    ...each('ProtectControlGroups=private', acts.slice(0, 1)),
    ...both('ProtectControlGroups=private', [...acts.slice(1), ofOthers]),
    ...each('ProtectControlGroups=strict', acts.slice(0, 1)),
    ...both('ProtectControlGroups=strict', [...acts.slice(1), ofOthers]),
    ...each(['ProtectControlGroups=yes', 'ProtectControlGroups=private'], acts.slice(0, 1)),
    ...each('ProtectControlGroups=no', acts.slice(0, 1)),
  ],
} satisfies ProbeFile;
