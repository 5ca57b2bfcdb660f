import type { Profile } from '../profile/profile.ts';

/** Whether a set-user-ID or set-group-ID program was executed. Which of them was meant to gain by it, no call tells. */
export function runsSetId(profile: Profile): boolean {
  return Object.entries(profile.paths).some(([path, acts]) => {
    if (acts.execute === undefined) return false;
    const owners = Object.hasOwn(profile.files, path) ? (profile.files[path]?.owner ?? []) : [];
    return owners.some((owner) => (Number.parseInt(owner.split(':')[2] ?? '0', 8) & 0o6000) !== 0);
  });
}
