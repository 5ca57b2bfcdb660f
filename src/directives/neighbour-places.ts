import { covers, isBelow } from '../paths/covering-tree.ts';
import type { Profile } from '../profile/profile.ts';
import {
  alwaysVisible,
  controlSockets,
  type KnownPlace,
  secrets,
  volatileConfiguration,
} from './known-places.ts';
import { isLoaded } from './likely-place.ts';
import { isExpressible } from './path-needs.ts';
import { isBroad, shelves } from './sensitive-places.ts';

/** Entries that belong to no service alone. */
const shared = ['/run/lock', '/run/shm', '/run/systemd', '/run/log', '/run/faillock', '/var/lib/systemd'];

/**
 * What other services of the machine have on a shelf that cannot be empty for this one: it makes files right there, or looks through
 * it. What everybody needs, and what is put back read-only, is left out.
 */
export function neighbourPlaces(
  profile: Profile,
  writable: readonly string[],
  authenticates: boolean,
): KnownPlace[] {
  const logins = authenticates
    ? [...controlSockets(), ...secrets()].filter(({ login }) => login === true)
    : [];
  const kept = [...alwaysVisible(), ...volatileConfiguration(), ...logins].map(({ path }) => path);
  const own = [profile.prepared, profile.shipped, profile.rotated].flatMap(Object.keys);
  const ownToo = writable.filter((path) => !shelves.includes(path) && !isBroad(path));
  const touches = (path: string, other: string) => covers(other, path) || isBelow(other, path);
  return Object.entries(profile.neighbours)
    .filter(
      ([path]) =>
        isExpressible(path) &&
        shelves.some((shelf) => isBelow(path, shelf)) &&
        !shared.some((place) => covers(place, path)) &&
        ![...kept, ...own, ...ownToo].some((other) => touches(path, other)),
    )
    .map(([path, by]) => ({ path, reason: `${by.join(', ')} has it for another service`, common: true }));
}

/** What only one library asks for, where it was not loaded. */
export function idlePlaces(profile: Profile): KnownPlace[] {
  return alwaysVisible().flatMap(({ path, library, common }) =>
    library === undefined || isLoaded(profile, library)
      ? []
      : [
          {
            path,
            reason: `only ${library} asks here, and it was not loaded`,
            login: true,
            ...(common === undefined ? {} : { common }),
          },
        ],
  );
}
