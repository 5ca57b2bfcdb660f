import { covers, isBelow } from '../paths/covering-tree.ts';
import type { Profile } from '../profile/profile.ts';
import type { Grant } from './grant.ts';
import { directoriesOfOthers, type KnownPlace, volatileConfiguration } from './known-places.ts';
import { isLikely } from './likely-place.ts';
import { isBroad } from './sensitive-places.ts';
import { changedPlaces } from './touched-places.ts';

/** Of the places that are writable the nearest one above a path, or the path itself. */
export function nearestRoot(path: string, roots: readonly string[]): string | undefined {
  const above = roots.filter((root) => covers(root, path));
  return above.reduce<string | undefined>(
    (nearest, root) => (nearest === undefined || root.length > nearest.length ? root : nearest),
    undefined,
  );
}

/**
 * Directories of others in a grant that holds far more than was asked for: a daemon that makes a name in /var has no business with
 * what others have in /var/log. What it writes in one of them under a grant of its own does not count.
 * @param ours grants of the drop-in
 * @param writable all that may be written, what the unit says among it: there nothing is taken back
 */
export function keptDirectories(
  profile: Profile,
  ours: readonly string[],
  writable: readonly string[],
): KnownPlace[] {
  const broad = new Set(ours.filter(isBroad));
  if (broad.size === 0) return [];
  const isIn = (path: string) => broad.has(nearestRoot(path, writable) ?? '');
  const changed = changedPlaces(profile, isIn);
  const kept = directoriesOfOthers().filter(
    (place) =>
      isLikely(profile, place) && !broad.has(place.path) && isIn(place.path) && !changed.has(place.path),
  );
  return kept.filter(({ path }) => !kept.some((other) => isBelow(path, other.path)));
}

/** Whether a place of its own in a broad grant is worth it: what lies around it is kept read-only. */
export function liesAmongOthers(
  profile: Profile,
  place: string,
  cover: string,
  isWritten: (place: string) => boolean,
): boolean {
  if (!isBroad(cover)) return false;
  return directoriesOfOthers().some(
    (other) =>
      isBelow(other.path, cover) &&
      isBelow(place, other.path) &&
      !isWritten(other.path) &&
      isLikely(profile, other),
  );
}

/** What privileged programs obey in a directory that the daemon must be able to write. */
export function keptConfiguration(profile: Profile, writable: readonly string[]): KnownPlace[] {
  const changed = changedPlaces(profile);
  const isKept = ({ path }: KnownPlace) =>
    writable.some((place) => isBelow(path, place)) && !writable.some((place) => covers(path, place));
  return volatileConfiguration().filter(
    (place) => isLikely(profile, place) && isKept(place) && !changed.has(place.path),
  );
}

/** A word of ReadOnlyPaths=. */
export function keptReadOnly({ path, reason }: KnownPlace): Grant {
  return { value: `-${path}`, witnesses: [], reason, review: undefined };
}
