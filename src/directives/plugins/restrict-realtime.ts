import { onOff } from '../on-off.ts';

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#RestrictRealtime=
 *
 * The filter looks at sched_setscheduler alone; sched_setattr passes it, but the limit RLIMIT_RTPRIO=0 that comes with the
 * directive stops it for all that don't have CAP_SYS_NICE.
 */
export const restrictRealtime = onOff({
  name: 'RestrictRealtime',
  since: 231,
  about: { denies: 'Real-time scheduling', when: 'It was not asked for' },
  observes: ['sched_setscheduler', 'sched_setattr'],
  reason: 'No real-time scheduling was asked for.',
  refuses(behaviour) {
    if (behaviour.kind !== 'privileged') return undefined;
    const { call, what } = behaviour;
    if (call !== 'sched_setscheduler' && call !== 'sched_setattr') return undefined;
    return /SCHED_(?:OTHER|NORMAL|BATCH|IDLE)\b/.test(what) ? undefined : 'EPERM';
  },
});
