import { both, each, type ProbeFile, someUser } from '../probe.ts';

const acts = ["os.chown('@/f', 1, 1)", "write('@/f')", 'child(lambda: os.setuid(1))'];
/** Whether capabilities outlive a change of user. */
const keeps = "child(lambda: call('prctl', 8, 1, 0, 0, 0))";
/** Who changes its user and says then that it may be a server of low ports. */
const stays = "child(lambda: (os.setuid(1), opened(socket.AF_INET).bind(('127.0.0.1', 30000 + #))))";
/** PR_CAP_AMBIENT of <linux/prctl.h>: a capability is lowered, and raised again. */
const raises = "call('prctl', 47, 4, 0, 0, 0); call('prctl', 47, 2, 0, 0, 0)";
const ambient = { user: someUser, unit: ['AmbientCapabilities=CAP_CHOWN'] };
/** With 262. */
const young = ['no-cap-ambient-raise', 'exec-restrict-file', 'exec-deny-interactive'];

export default {
  directive: 'SecureBits',
  probes: [
    ...each('SecureBits=noroot', [...acts, stays]),
    ...each('SecureBits=keep-caps', ["os.chown('@/f', 1, 1)", 'child(lambda: os.setuid(1))', keeps]),
    ...each('SecureBits=noroot noroot-locked', ["os.chown('@/f', 1, 1)", keeps]),
    ...each('SecureBits=no-setuid-fixup', [...acts, keeps, stays]),
    ...each('SecureBits=no-setuid-fixup no-setuid-fixup-locked', [...acts, keeps]),
    ...both('SecureBits=keep-caps-locked', [keeps]),
    ...each('SecureBits=keep-caps-locked', acts),
    ...each(['SecureBits=noroot', 'SecureBits='], acts.slice(0, 1)),
    // The last assignment alone counts, though the manual says that they add up.
    ...each(['SecureBits=noroot', 'SecureBits=keep-caps'], acts.slice(0, 1)),
    ...each(['SecureBits=noroot noroot-locked', 'SecureBits=noroot keep-caps'], acts.slice(0, 1)),
    ...each('SecureBits=noroot noroot-locked', ["write('@/f')", "run('/usr/bin/true')"], { user: someUser }),
    ...young.flatMap((bit) =>
      each(`SecureBits=${bit} ${bit}-locked`, ["os.chown('@/f', 1, 1)", "run('/usr/bin/true')"]),
    ),
    ...each('SecureBits=no-cap-ambient-raise', [raises], ambient),
    ...each('SecureBits=keep-caps exec-restrict-file', ["run('/bin/sh', '-c', ':')"]),
  ],
} satisfies ProbeFile;
