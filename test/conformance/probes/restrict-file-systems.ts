import { both, type ProbeFile } from '../probe.ts';

const acts = ["read('@/f')", "read('/proc/self/status')", "os.listdir('/sys')"];

/**
 * What passes with and without BPF. That files of other kinds are refused no kernel shows that was started without BPF among its
 * security modules, as most are.
 */
export default {
  directive: 'RestrictFileSystems',
  probes: [
    ...both('RestrictFileSystems=@known', acts),
    ...both('RestrictFileSystems=~debugfs tracefs bpf', acts),
    ...both(['RestrictFileSystems=~proc', 'RestrictFileSystems='], acts.slice(1)),
  ],
} satisfies ProbeFile;
