import { isCallBeside } from '../behaviour.ts';
import { onOff } from '../on-off.ts';

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#LockPersonality=
 *
 * The filter compares with the personality of the moment, so even the question personality(0xffffffff) is refused, and only the
 * usual one may be set again:
 * https://github.com/systemd/systemd/blob/v252/src/shared/seccomp-util.c (seccomp_lock_personality)
 */
export const lockPersonality = onOff({
  name: 'LockPersonality',
  since: 235,
  about: { denies: 'personality(2), even to ask', when: 'It was not called, but with what is set anyway' },
  observes: ['personality'],
  reason: 'The execution domain was neither changed nor asked for.',
  refuses: (behaviour) =>
    isCallBeside(behaviour, new Set(['personality']), new Set(['PER_LINUX'])) ? 'EPERM' : undefined,
});
