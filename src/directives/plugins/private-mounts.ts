import { isSeenByOthers, unseen } from '../mount-namespace.ts';
import { onOff } from '../on-off.ts';

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#PrivateMounts=
 *
 * No call fails, but what the daemon mounts is not seen by others any more: a daemon that mounts at all, but in a namespace that it began
 * itself, may do it for them. Other directives bring the same with them, and that is warned of.
 */
export const privateMounts = onOff({
  name: 'PrivateMounts',
  since: 239,
  about: { denies: 'Letting others see what it mounts', when: 'Nothing was mounted for others to see' },
  reason: 'Nothing was mounted for others to see.',
  ownsMounts: () => true,
  refuses: (behaviour) => (isSeenByOthers(behaviour) ? unseen : undefined),
});
