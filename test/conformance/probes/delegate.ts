import { each, type ProbeFile, someUser } from '../probe.ts';

const acts = ["make_directory('/sys/fs/cgroup' + group() + '/n#')", "os.listdir('/sys/fs/cgroup' + group())"];
const delegated = { user: someUser, unit: ['Delegate=yes'] };

export default {
  directive: 'Delegate',
  probes: [
    ...each('Delegate=no', acts),
    ...each('Delegate=no', acts, delegated),
    ...each('Delegate=', acts, delegated),
    ...each('Delegate=pids', acts, delegated),
    ...each(['Delegate=pids', 'Delegate=no'], acts, delegated),
    ...each(['Delegate=no', 'Delegate=cpu nothing'], acts, delegated),
  ],
} satisfies ProbeFile;
