import { isCall, needsAny, touching } from '../behaviour.ts';
import { errnoWithout } from '../errno-without.ts';
import { onOff } from '../on-off.ts';

/** The calls of @clock. Asking the time with adjtimex is refused too. */
const setting = new Set([
  'adjtimex',
  'clock_adjtime',
  'clock_adjtime64',
  'clock_settime',
  'clock_settime64',
  'settimeofday',
  'stime',
]);

/** What is taken away with it: alarms that wake the machine, too. */
const gone = ['CAP_SYS_TIME', 'CAP_WAKE_ALARM'];

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#ProtectClock= */
export const protectClock = onOff({
  name: 'ProtectClock',
  since: 245,
  about: {
    denies: 'Setting clocks, adjtimex even to ask, alarms that wake the machine',
    when: 'Nothing of that was done',
  },
  reason: 'The clock was not set.',
  refuses(behaviour) {
    if (isCall(behaviour, setting)) return 'EPERM';
    if (needsAny(behaviour, gone)) return errnoWithout(behaviour);
    const clock = touching(behaviour, ['/dev/rtc', '/dev/rtc0', '/dev/rtc1'], new Set(['write']));
    return clock ? 'EPERM' : undefined;
  },
});
