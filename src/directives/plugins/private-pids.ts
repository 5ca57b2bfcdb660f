import type { Profile } from '../../profile/profile.ts';
import type { Behaviour } from '../behaviour.ts';
import { choice } from '../choice.ts';
import type { Context } from '../context.ts';
import { firstRefused } from '../first-refused.ts';
import { notAtLevel } from '../on-off.ts';
import { unseenStart } from '../whole-trace.ts';

/** Of each of these the first argument is a process, and one's own number may mean another there. */
const signals = new Set([
  'kill',
  'tkill',
  'tgkill',
  'rt_sigqueueinfo',
  'rt_tgsigqueueinfo',
  'pidfd_send_signal',
]);
const own = new Set(['its own group', 'a traced process of the same user', 'a traced process']);

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#PrivatePIDs=
 *
 * The daemon is process 1 among its own. That ends all of them when it ends, leaves it the children of others to wait for, and lets
 * a signal for which it has no handler pass by, SIGTERM too: https://man7.org/linux/man-pages/man7/pid_namespaces.7.html. Whether
 * the unit is of a type that can bear this, and whether the daemon handles SIGTERM, no trace tells: so it is advice.
 */
export const privatePids = choice<'no' | 'yes'>({
  name: 'PrivatePIDs',
  since: 257,
  about: {
    denies: 'Seeing and signalling processes of others',
    when: 'Advice only: nothing but its own processes was looked at or signalled, no setsid, no pid file',
    rules: 'process-directives.md',
  },
  observes: ['setsid'],
  choices: ['no', 'yes'],
  infer(profile, context, plans) {
    const why = whyNot(profile, context) ?? firstRefused(plans.behaviours, (seen) => refusal('yes', seen));
    if (why !== undefined) return why;
    return {
      value: 'yes',
      reason:
        'It had to do with no process but its own. If it handles SIGTERM, and the unit has no Type=forking, PIDFile= or WatchdogSec=, nothing else need be seen.',
      grants: [],
      isAdvice: true,
    };
  },
  ownsMounts: (value) => value === 'yes',
  denies: refusal,
});

function refusal(value: 'no' | 'yes', behaviour: Behaviour): string | undefined {
  if (value === 'no') return undefined;
  if (behaviour.kind === 'privileged' && signals.has(behaviour.call))
    return own.has(behaviour.what) ? undefined : 'ESRCH';
  return behaviour.kind === 'path' && /^\/proc\/\d+(?:\/|$)/.test(behaviour.path) ? 'ENOENT' : undefined;
}

/** Where its number, or that of others, goes from one to the other. */
function whyNot(profile: Profile, context: Context): string | undefined {
  const why = notAtLevel(context) ?? unseenStart(profile);
  if (why !== undefined) return why;
  if (Object.hasOwn(profile.syscalls, 'setsid'))
    return 'it may leave its parent (setsid), who would be process 1';
  if (profile.endpoints.some(({ act, family }) => act === 'accept' && family === 'AF_UNIX'))
    return 'peers on its sockets would have no number';
  const pidFile = Object.keys(profile.paths).find((path) => /\.pid$|\/pid$/.test(path));
  return pidFile === undefined ? undefined : `others may read its number: ${JSON.stringify(pidFile)}`;
}
