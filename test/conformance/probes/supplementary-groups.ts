import { both, type ProbeFile } from '../probe.ts';

export default {
  directive: 'SupplementaryGroups',
  probes: [
    ...both('SupplementaryGroups=adm', ["write('@/f')", "create('@/n')"]),
    ...both(['SupplementaryGroups=adm', 'SupplementaryGroups='], ["read('@/f')"]),
  ],
} satisfies ProbeFile;
