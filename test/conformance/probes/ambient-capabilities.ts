import { both, each, type ProbeFile } from '../probe.ts';

/** It gives, and refuses nothing: what is missing is missed by CapabilityBoundingSet=. */
export default {
  directive: 'AmbientCapabilities',
  probes: [
    ...both('AmbientCapabilities=CAP_NET_BIND_SERVICE', ["write('@/f')", "run('/usr/bin/true')"]),
    ...each('AmbientCapabilities=CAP_CHOWN', ["os.chown('@/f', 1, 1)", 'child(lambda: os.setuid(1))']),
    ...each(
      ['AmbientCapabilities=CAP_CHOWN', 'CapabilityBoundingSet=CAP_CHOWN'],
      ["os.chown('@/f', 1, 1)", 'child(lambda: os.setuid(1))'],
    ),
  ],
} satisfies ProbeFile;
