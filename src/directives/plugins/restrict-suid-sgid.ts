import { isCall } from '../behaviour.ts';
import { notForOthersPrograms, onOff } from '../on-off.ts';

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#RestrictSUIDSGID=
 *
 * A set-group-ID directory counts too. openat2 is answered with ENOSYS whatever its mode, since no filter can look into it.
 */
export const restrictSuidSgid = onOff({
  name: 'RestrictSUIDSGID',
  since: 242,
  about: {
    denies: 'Giving a file or directory a set-ID bit; openat2',
    when: 'None was given one, and openat2 was not called',
  },
  levels: notForOthersPrograms,
  observes: [
    'chmod',
    'fchmod',
    'fchmodat',
    'fchmodat2',
    'mkdir',
    'mkdirat',
    'mknod',
    'mknodat',
    'open',
    'openat',
    'creat',
  ],
  reason: 'No file or directory got a set-user-ID or set-group-ID bit.',
  refuses(behaviour) {
    if (isCall(behaviour, new Set(['openat2']))) return 'ENOSYS';
    return behaviour.kind === 'privileged' && behaviour.what === 'set-ID mode' ? 'EPERM' : undefined;
  },
});
