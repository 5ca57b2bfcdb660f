import { type Act, changingActs } from '../profile/acts.ts';
import type { Profile } from '../profile/profile.ts';
import { authenticatesPeople } from './authentication.ts';
import type { CapabilityUse } from './capability-use.ts';
import { changeOfUser } from './change-of-user.ts';
import type { Context } from './context.ts';
import { givesToOthers, logsBecomeOthers, worksInGiven } from './given-away.ts';
import type { Grant, Witness } from './grant.ts';
import { usedCapabilities } from './used-capabilities.ts';

/** The one place where it is decided which capabilities a daemon keeps: those it used, and by level those another run uses. */
export function neededCapabilities(profile: Profile, context: Context): Grant[] {
  const needs = new Needs();
  const uses = [...usedCapabilities(profile)];
  // Where another would do as well, and is kept anyway, one more is none of use.
  const isEither = ({ instead = [] }: CapabilityUse) => instead.length > 0;
  for (const use of uses) if (!isEither(use)) needs.add(use);
  const settled = new Set(needs.grants().map(({ value }) => value));
  for (const use of uses)
    if (isEither(use) && !use.instead?.some((name) => settled.has(name))) needs.add(use);
  if (context.level !== 'minimal') widen(profile, needs);
  return needs.grants();
}

class Needs {
  readonly #grants = new Map<string, Grant>();

  add({ name, subject, evidence }: CapabilityUse): void {
    const seen: Witness = { call: evidence.call, subject, first: evidence.first, count: evidence.count };
    const known = this.#grants.get(name);
    if (known !== undefined) known.witnesses.push(seen);
    else
      this.#grants.set(name, {
        value: name,
        witnesses: [seen],
        reason: 'used',
        review: reviewOfCapability(name),
      });
  }

  state(name: string, reason: string): void {
    if (!this.#grants.has(name)) {
      this.#grants.set(name, { value: name, witnesses: [], reason, review: reviewOfCapability(name) });
    }
  }

  has(name: string): boolean {
    return this.#grants.has(name);
  }

  grants(): Grant[] {
    return [...this.#grants.values()].sort((a, b) => (a.value < b.value ? -1 : 1));
  }
}

/**
 * What another run of a daemon needs that starts as root and becomes somebody else: it signals its workers, and a log that was
 * rotated belongs to whom the rotation says, so that it opens another's file and gives it away.
 */
function widen(profile: Profile, needs: Needs): void {
  if (needs.has('CAP_SETUID')) {
    needs.state('CAP_SETGID', 'a change of user comes with a change of groups');
    if (changeOfUser(profile) === undefined)
      needs.state('CAP_KILL', 'a master that stays root signals workers of another user');
    else if (signalsFromOutside(profile))
      needs.state('CAP_KILL', 'root signals the daemon for the unit, and the daemon is another user by then');
    if (changesBelow(profile, '/var/log/')) {
      needs.state('CAP_CHOWN', 'logs that were rotated are given to the user it becomes');
      if (logsBecomeOthers(profile))
        needs.state('CAP_DAC_OVERRIDE', 'logs that were rotated may belong to another user');
    }
  }
  if (givesToOthers(profile)) {
    needs.state('CAP_FOWNER', 'what it gave away it may have to change again');
    if (worksInGiven(profile))
      needs.state('CAP_DAC_OVERRIDE', 'what it gave away it opens again at its next start');
  }
  if (authenticatesPeople(profile)) {
    for (const name of [
      'CAP_SETUID',
      'CAP_SETGID',
      'CAP_AUDIT_WRITE',
      'CAP_DAC_READ_SEARCH',
      'CAP_CHOWN',
      'CAP_FOWNER',
    ]) {
      needs.state(name, 'a login needs it, and none may have been traced');
    }
  }
}

/** Whether the unit runs something as root while the daemon runs: a reload is a signal. */
function signalsFromOutside(profile: Profile): boolean {
  const keys = ['ExecReload=', 'ExecStop=', 'ExecStartPost='];
  return Object.values(profile.beside).some((places) =>
    places.some((place) => keys.some((key) => place.startsWith(key))),
  );
}

function changesBelow(profile: Profile, directory: string): boolean {
  return Object.entries(profile.paths).some(
    ([path, acts]) =>
      path.startsWith(directory) && Object.keys(acts).some((act) => changingActs.has(act as Act)),
  );
}

/** Capabilities that are as good as root. */
const powerful: ReadonlySet<string> = new Set([
  'CAP_SYS_ADMIN',
  'CAP_SYS_MODULE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_PTRACE',
  'CAP_SYS_BOOT',
  'CAP_BPF',
  'CAP_SETFCAP',
  'CAP_MAC_ADMIN',
  'CAP_MAC_OVERRIDE',
]);

/** Why a capability is dangerous to keep; undefined where it is not known to be. */
export function reviewOfCapability(name: string): string | undefined {
  return powerful.has(name) ? 'a capability that is nearly as good as being root' : undefined;
}
