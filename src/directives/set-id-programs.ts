import type { Owner } from '../paths/owner.ts';
import type { Profile } from '../profile/profile.ts';
import { ownersOf } from './path-facts.ts';

/** Whether a set-user-ID or set-group-ID program was executed. Which of them was meant to gain by it, no call tells. */
export function runsSetId(profile: Profile): boolean {
  return Object.entries(profile.paths).some(([path, acts]) => {
    if (acts.execute === undefined) return false;
    return ownersOf(profile, path).some(isSetId);
  });
}

/** Whether a program takes on its owner or its group when it is executed. */
export const isSetId = ({ mode }: Owner) => (mode & 0o6000) !== 0;
