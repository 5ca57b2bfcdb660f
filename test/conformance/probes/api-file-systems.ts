import { both, each, type ProbeFile } from '../probe.ts';

const looks = ["read('/proc/self/stat')", "read('/proc/1/stat')", "os.listdir('/sys')", "write('/dev/null')"];

export default {
  directive: 'MountAPIVFS',
  probes: [
    ...both('MountAPIVFS=yes', looks),
    ...each('MountAPIVFS=no', looks),
    ...both(['MountAPIVFS=yes', 'ProtectSystem=strict'], ["write('@/f')", "create('/run/n#')"].slice(0, 1)),
    ...each(['MountAPIVFS=yes', 'ProtectSystem=strict'], ["create('/run/n#')"]),
  ],
} satisfies ProbeFile;
