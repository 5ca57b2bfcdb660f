import type { Act } from '../profile/acts.ts';
import type { Profile } from '../profile/profile.ts';
import { type Behaviour, changesMount } from './behaviour.ts';
import type { Grant } from './grant.ts';
import { witness } from './path-needs.ts';
import { isInProc } from './proc-places.ts';
import type { UnitPlaces } from './unit-places.ts';
import { isWhole } from './whole-trace.ts';

interface Planned {
  behaviours: readonly Behaviour[];
  authenticates: boolean;
  hasUserNamespace: boolean;
  unit: UnitPlaces;
}

/**
 * Whether /proc can be read-only: ProtectSystem=strict leaves it writable, and through /proc/self/mem a program rewrites its own
 * code, which MemoryDenyWriteExecute= does not see. Where it is written to it stays as it is, and why is said.
 * https://man7.org/linux/man-pages/man5/proc_pid_mem.5.html
 */
export function procPlan(profile: Profile, plans: Planned): { readOnly: Grant[]; left: Grant[] } {
  const grant = (reason: string, witnesses: Grant['witnesses'] = []): Grant => ({
    value: '-/proc',
    witnesses,
    reason,
    review: undefined,
  });
  const writes = plans.behaviours.flatMap((behaviour) =>
    behaviour.kind === 'path' &&
    changesMount(behaviour.act as Act, behaviour.facts) &&
    behaviour.facts.real.some(isInProc)
      ? witness(behaviour.path, behaviour.evidence)
      : [],
  );
  const { writesToProc } = plans.unit;
  const left = (reason: string, witnesses?: Grant['witnesses']) => ({
    readOnly: [],
    left: [{ ...grant(reason, witnesses), value: '/proc' }],
  });
  if (writes.length > 0) return left('written by the daemon', writes);
  if (!isWhole(profile)) return left('the trace does not show the start, where it may be written to');
  if (plans.authenticates) return left('a login is told to the kernel in /proc/self/loginuid (pam_loginuid)');
  if (writesToProc !== undefined)
    return left(`${writesToProc}= of the unit has systemd write there before the daemon starts`);
  if (plans.hasUserNamespace) return left('PrivateUsers= has systemd write there before the daemon starts');
  return {
    readOnly: [
      grant('nothing in it was changed, and through /proc/self/mem a program rewrites its own code'),
    ],
    left: [],
  };
}
