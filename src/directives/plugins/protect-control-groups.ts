import { changingActs } from '../../profile/profile.ts';
import { apiFileSystems } from '../api-file-systems.ts';
import { touching } from '../behaviour.ts';
import { onOff } from '../on-off.ts';

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#ProtectControlGroups= */
export const protectControlGroups = onOff({
  name: 'ProtectControlGroups',
  since: 232,
  about: { denies: 'Writing below /sys/fs/cgroup', when: 'Nothing was written there' },
  reason: 'Nothing was written below /sys/fs/cgroup.',
  mounts: (_value, context) => apiFileSystems('ProtectControlGroups', context),
  refuses: (behaviour) => (touching(behaviour, ['/sys/fs/cgroup'], changingActs) ? 'EROFS' : undefined),
});
