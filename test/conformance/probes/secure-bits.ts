import { each, type ProbeFile, someUser } from '../probe.ts';

/** From <linux/prctl.h>: PR_SET_KEEPCAPS, PR_CAP_AMBIENT. */
const keeps = "call('prctl', 8, 1, 0, 0, 0)";
const raises = "call('prctl', 47, 4, 0, 0, 0); call('prctl', 47, 2, 0, 0, 0)";
const ambient = { user: someUser, unit: ['AmbientCapabilities=CAP_CHOWN'] };

export default {
  directive: 'SecureBits',
  probes: [
    ...each('SecureBits=noroot', ["os.chown('@/f', 1, 1)", "write('@/f')", 'child(lambda: os.setuid(1))']),
    ...each('SecureBits=keep-caps', ["os.chown('@/f', 1, 1)", 'child(lambda: os.setuid(1))', keeps]),
    ...each('SecureBits=keep-caps-locked', [keeps]),
    ...each('SecureBits=noroot noroot-locked', ["os.chown('@/f', 1, 1)"]),
    ...each('SecureBits=no-cap-ambient-raise', [raises], ambient),
    ...each('SecureBits=keep-caps exec-restrict-file', ["run('/bin/sh', '-c', ':')"]),
  ],
} satisfies ProbeFile;
