import { each, type ProbeFile } from '../probe.ts';

export default {
  directive: 'DynamicUser',
  probes: [
    ...each('DynamicUser=no', ["create('/usr/n#')", "write('@/f')"]),
    ...each('DynamicUser=yes', [
      "create('/usr/n#')",
      "create('/tmp/n#')",
      "write('@/f')",
      "make_directory('@/d/n', 0o2775)",
      "read('@/f')",
      "create('/home/probe/n#')",
    ]),
  ],
} satisfies ProbeFile;
