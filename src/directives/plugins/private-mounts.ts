import { isCall } from '../behaviour.ts';
import { onOff } from '../on-off.ts';

const mounting = new Set(['mount', 'umount', 'umount2', 'move_mount', 'fsmount', 'open_tree', 'pivot_root']);

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#PrivateMounts=
 *
 * No call fails, but what the daemon mounts is not seen by others any more: a daemon that mounts at all may do it for them. At
 * relaxed ProtectSystem= makes such a namespace anyway, so it costs nobody anything there.
 */
export const privateMounts = onOff({
  name: 'PrivateMounts',
  since: 239,
  about: { denies: 'Letting others see what it mounts', when: 'Nothing was mounted' },
  reason: 'Nothing was mounted.',
  refuses: (behaviour) => (isCall(behaviour, mounting) ? 'mounts unseen by others' : undefined),
});
