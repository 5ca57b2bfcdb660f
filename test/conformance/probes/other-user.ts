import { each, type ProbeFile } from '../probe.ts';

const before = "open('@/secret', 'w').close(); os.chmod('@/secret', 0o600)";

/** Traced as root, and then a unit of somebody else: check says that it does not judge that. */
export default {
  directive: 'User',
  probes: [
    ...each('User=daemon', ["write('@/f')", "run('/usr/bin/true')"]),
    ...each('User=daemon', ["read('@/secret')", "os.chown('@/f', 1, 1)"], {
      before,
      differs: { why: 'What another user may not do to files of root is not judged, and `check` says so.' },
    }),
    ...each('User=root', ["read('@/secret')"], { before }),
    ...each(['User=daemon', 'User='], ["read('@/secret')"], { before }),
  ],
} satisfies ProbeFile;
