import { each, type ProbeFile } from '../probe.ts';

export default {
  directive: 'SystemCallLog',
  probes: each('SystemCallLog=~@system-service', ["make_directory('@/n')", "call('settimeofday', 0, 0)"]),
} satisfies ProbeFile;
