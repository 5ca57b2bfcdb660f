import type { Profile } from '../../profile/profile.ts';
import type { Behaviour } from '../behaviour.ts';
import { choice } from '../choice.ts';
import type { Context } from '../context.ts';
import { errnoWithout } from '../errno-without.ts';
import { firstRefused } from '../first-refused.ts';
import { notAtLevel } from '../on-off.ts';
import type { Plans } from '../plans.ts';
import { runsSetId } from '../set-id-programs.ts';
import { unseenStart } from '../whole-trace.ts';

type PrivateUsersValue = 'no' | 'full' | 'identity' | 'managed' | 'self' | 'yes';

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#PrivateUsers=
 *
 * Root and the user of the unit are themselves, everybody else is nobody. Files of root are still root's, groups still open what
 * they open, PID 1 and the journal still know who speaks; but no capability counts outside, ids of others can't be taken on nor
 * given to files, and a peer on a socket is nobody. So only where nothing of that was seen.
 */
export const privateUsers = choice<PrivateUsersValue>({
  name: 'PrivateUsers',
  since: 232,
  about: {
    denies: 'Capabilities over the host, and other users',
    when: 'No capability is kept, no user or group is changed, nothing is given away, no socket is served',
    rules: 'process-directives.md',
  },
  choices: ['no', 'full', 'identity', 'managed', 'self', 'yes'],
  newer: {
    identity: { since: 257, before: 'no' },
    self: { since: 257, before: 'yes' },
    full: { since: 258, before: 'no' },
    managed: { since: 260, before: 'yes' },
  },
  infer(profile, context, plans) {
    const why =
      whyNot(profile, context, plans) ?? firstRefused(plans.behaviours, (seen) => refusal('yes', seen));
    if (why !== undefined) return why;
    return {
      value: 'yes',
      reason: 'It needs no capability, becomes nobody else, and gives files to nobody else.',
      grants: [],
    };
  },
  denies: refusal,
  keeps: (value, capability) => value === 'no' || overIds.has(capability) || overItself.has(capability),
});

/** What a single behaviour does not show. */
function whyNot(profile: Profile, context: Context, plans: Plans): string | undefined {
  const why = notAtLevel(context) ?? unseenStart(profile);
  if (why !== undefined) return why;
  const [kept] = plans.capabilities;
  if (kept !== undefined) return `${kept.value} is kept`;
  if (runsSetId(profile) || plans.authenticates) return 'it runs programs that become somebody else';
  const answers = profile.endpoints.some(
    ({ act, family }) => family === 'AF_UNIX' && (act === 'bind' || act === 'accept'),
  );
  const binds = Object.values(profile.paths).some((acts) => acts.bind !== undefined);
  return answers || binds ? 'it serves a socket whose peers it may ask who they are' : undefined;
}

/** Capabilities that count over the ids that are mapped, and over nothing else. */
const overIds: ReadonlySet<string> = new Set([
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETFCAP',
  'CAP_SETGID',
  'CAP_SETUID',
]);

/** These are about the process itself, whatever is mapped. */
const overItself: ReadonlySet<string> = new Set(['CAP_SETPCAP', 'CAP_SYS_CHROOT']);

/** Ids that can't be mapped meet EINVAL, low ports EACCES, all else EPERM: https://man7.org/linux/man-pages/man7/user_namespaces.7.html */
function refusal(value: PrivateUsersValue, behaviour: Behaviour): string | undefined {
  if (value === 'no') return undefined;
  const mapsOthers = value === 'full' || value === 'identity';
  // A file can be given to a group of one's own without a capability, but that group isn't mapped.
  if (behaviour.kind === 'privileged' && !mapsOthers)
    return /chown/.test(behaviour.call) && behaviour.what.startsWith('another ') ? 'EINVAL' : undefined;
  if (behaviour.kind !== 'capability') return undefined;
  const { name, evidence } = behaviour;
  if (overItself.has(name)) return undefined;
  const setsGroups = evidence.call.startsWith('setgroups');
  if (mapsOthers && overIds.has(name)) return setsGroups && value === 'identity' ? 'EPERM' : undefined;
  if (setsGroups) return 'EPERM';
  if (name === 'CAP_SETUID' || name === 'CAP_SETGID' || name === 'CAP_CHOWN') return 'EINVAL';
  return errnoWithout(behaviour);
}
