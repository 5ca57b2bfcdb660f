import type { Profile } from '../../profile/profile.ts';
import type { Behaviour } from '../behaviour.ts';
import { couldUse } from '../capability-use.ts';
import { onOff } from '../on-off.ts';

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#RestrictRealtime=
 *
 * The filter looks at sched_setscheduler alone; sched_setattr passes it, but the limit RLIMIT_RTPRIO=0 that comes with the
 * directive stops it for all that don't have CAP_SYS_NICE. Who was given real-time scheduling by one of the two may ask by the other.
 */
export const restrictRealtime = onOff({
  name: 'RestrictRealtime',
  since: 231,
  about: {
    denies: 'Real-time scheduling',
    when: 'It was not asked for',
    rules: 'process-directives.md#memorydenywriteexecute-restrictrealtime-and-restrictnamespaces',
  },
  observes: ['sched_setscheduler', 'sched_setattr'],
  reason: 'No real-time scheduling was asked for.',
  forbids: (profile: Profile) =>
    profile.privileged.some(({ call, what }) => isRealTime(call, what))
      ? 'real-time scheduling was asked for'
      : undefined,
  refuses(behaviour: Behaviour) {
    if (behaviour.kind !== 'privileged' || !isRealTime(behaviour.call, behaviour.what)) return undefined;
    const passes =
      behaviour.call === 'sched_setattr' && couldUse(behaviour.evidence, 'CAP_SYS_NICE', 'every');
    return passes ? undefined : 'EPERM';
  },
});

function isRealTime(call: string, what: string): boolean {
  if (call !== 'sched_setscheduler' && call !== 'sched_setattr') return false;
  return !/SCHED_(?:OTHER|NORMAL|BATCH|IDLE)\b|^limits/.test(what);
}
