import type { Profile } from '../profile/profile.ts';
import type { KnownPlace } from './known-places.ts';

/**
 * Whether something is there, or is likely to be one day. The others are left out where nothing was when the machine was looked
 * at, or nobody looked: a list has to be read by people.
 */
export function isLikely(profile: Profile, { path, common }: KnownPlace): boolean {
  if (common === true) return true;
  const facts = Object.hasOwn(profile.files, path) ? profile.files[path] : undefined;
  return facts?.kind.some((kind) => kind !== 'missing') === true;
}
