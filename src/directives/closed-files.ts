import { parentOf } from '../paths/covering-tree.ts';
import type { Profile } from '../profile/profile.ts';

/**
 * Whether a file is one that others than its owner and group can't open, by its own mode or by that of a directory on the way, as
 * far as somebody looked.
 */
export function isClosed(profile: Profile, path: string): boolean {
  if (refusesOthers(profile, path, 0o004)) return true;
  for (let at = parentOf(path); at !== '/'; at = parentOf(at))
    if (refusesOthers(profile, at, 0o001)) return true;
  return false;
}

function refusesOthers(profile: Profile, path: string, bit: number): boolean {
  const owners = Object.hasOwn(profile.files, path) ? (profile.files[path]?.owner ?? []) : [];
  return owners.some((owner) => (Number.parseInt(owner.split(':')[2] ?? '0', 8) & bit) === 0);
}
