import type { Profile } from '../profile/profile.ts';
import type { Behaviour } from './behaviour.ts';
import type { Context } from './context.ts';
import type { Against } from './directive.ts';
import { errnoWithout } from './errno-without.ts';
import { firstRefused } from './first-refused.ts';
import { notAtLevel } from './on-off.ts';
import type { Plans } from './plans.ts';
import { runsSetId } from './set-id-programs.ts';
import { unseenStart } from './whole-trace.ts';

/** The values of PrivateUsers=: whether the unit has a user namespace of its own, and who is in it. */
export type PrivateUsersValue = 'no' | 'full' | 'identity' | 'managed' | 'self' | 'yes';

/** What speaks against one in which there are only root and the daemon's own user; undefined where nothing does. */
export function againstUserNamespace(profile: Profile, context: Context, plans: Plans): Against | undefined {
  return (
    againstAsWhole(profile, context, plans) ??
    firstRefused(plans.behaviours, (behaviour) => refusedInUserNamespace('yes', behaviour))
  );
}

/** What no single behaviour shows. */
function againstAsWhole(profile: Profile, context: Context, plans: Plans): string | undefined {
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

/** Whether a capability is worth something in there. */
export function keptInUserNamespace(value: PrivateUsersValue, capability: string): boolean {
  return value === 'no' || overIds.has(capability) || overItself.has(capability);
}

/** Ids that can't be mapped meet EINVAL, low ports EACCES, all else EPERM: https://man7.org/linux/man-pages/man7/user_namespaces.7.html */
export function refusedInUserNamespace(value: PrivateUsersValue, behaviour: Behaviour): string | undefined {
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
