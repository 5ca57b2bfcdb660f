import type { Profile } from '../profile/profile.ts';
import type { KnownPlace } from './known-places.ts';

/**
 * Whether something is there, or is likely to be one day. The others are left out where nothing was when the machine was looked
 * at, or nobody looked: a list has to be read by people.
 */
export function isLikely(profile: Profile, { path, common, library }: KnownPlace): boolean {
  if (library !== undefined && !isLoaded(profile, library)) return false;
  if (common === true) return true;
  const facts = Object.hasOwn(profile.files, path) ? profile.files[path] : undefined;
  return facts?.kind.some((kind) => kind !== 'missing') === true;
}

/** Whether a library was looked for or mapped, by its name without the version. */
export function isLoaded(profile: Profile, library: string): boolean {
  return Object.keys(profile.paths).some((path) => path.includes(`/${library}`));
}
