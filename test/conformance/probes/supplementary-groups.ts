import { both, each, type ProbeFile, someUser } from '../probe.ts';

/** A file that its group may read, and nobody else: 4 is adm. */
const before = "open('@/g', 'w').close(); os.chown('@/g', 0, 4); os.chmod('@/g', 0o640)";

export default {
  directive: 'SupplementaryGroups',
  probes: [
    ...both('SupplementaryGroups=adm', ["write('@/f')", "create('@/n')"]),
    ...each(['SupplementaryGroups=adm', 'SupplementaryGroups='], ["read('@/f')"]),
    ...each('SupplementaryGroups=disk', ["read('@/g')"], {
      user: someUser,
      unit: ['SupplementaryGroups=adm'],
      before,
    }),
    ...each('SupplementaryGroups=', ["read('@/g')"], {
      user: someUser,
      unit: ['SupplementaryGroups=adm'],
      before,
      differs: { why: 'Groups that the unit gave are taken away: `check` says that it does not judge that.' },
    }),
  ],
} satisfies ProbeFile;
