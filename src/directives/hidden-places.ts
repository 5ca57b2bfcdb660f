import { covers, isBelow } from '../paths/covering-tree.ts';
import type { Profile } from '../profile/profile.ts';
import { closedConfiguration, closedToUsers } from './closed-files.ts';
import type { Grant, Witness } from './grant.ts';
import { homePlaces } from './homes.ts';
import { nearestRoot } from './kept-places.ts';
import { controlSockets, type KnownPlace, secrets } from './known-places.ts';
import { isLikely } from './likely-place.ts';
import { idlePlaces, neighbourPlaces } from './neighbour-places.ts';
import { factsOf } from './path-facts.ts';
import { witness } from './path-needs.ts';
import { isBroad } from './sensitive-places.ts';
import { type Places, touchedPlaces } from './touched-places.ts';
import type { UnitPlaces } from './unit-places.ts';

export interface Hiding {
  touched: Places;
  /** Where the daemon may write. */
  writable: readonly string[];
  authenticates: boolean;
  /** Whether a place can't be seen anyway. */
  isGone(place: string): boolean;
}

/**
 * Sockets by which even uid 0 without any capability leaves the sandbox, and files that only their owner should read: those that
 * the daemon had nothing to do with, as words of InaccessiblePaths=.
 */
export function hiddenPlaces(profile: Profile, hiding: Hiding): { hidden: Grant[]; left: Grant[] } {
  const { touched, writable, authenticates, isGone } = hiding;
  const hidden: Grant[] = [];
  const left: Grant[] = [];
  const known = [...controlSockets(), ...secrets()];
  const names = new Set(known.map(({ path }) => path));
  const closed = [...closedConfiguration(profile), ...closedToUsers(profile, authenticates)].filter(
    ({ path }) => !names.has(path),
  );
  const others = [...neighbourPlaces(profile, writable, authenticates), ...idlePlaces(profile)];
  for (const place of [...known, ...closed, ...others.filter(({ path }) => !names.has(path))]) {
    const { path, reason } = place;
    if (isHome(path)) continue;
    const isOfLogin = authenticates && place.login === true;
    if (touched.has(path)) left.push(...leftAlone(profile, place));
    if (isGone(path) || touched.has(path) || !isLikely(profile, place)) continue;
    // In a directory that it writes, such a file is its own: a logger makes /var/log/auth.log. But not in all of /etc.
    const root = nearestRoot(path, writable);
    const isOwn = root !== undefined && (root === path || !isBroad(root));
    if (isOwn && !path.startsWith('/run/') && !others.includes(place)) continue;
    if (isOfLogin) {
      left.push({
        value: path,
        witnesses: [],
        reason: 'a login may use it, and none may have been traced',
        review: undefined,
      });
      continue;
    }
    hidden.push({ value: `-${path}`, witnesses: [], reason, review: undefined });
  }
  // ProtectHome= is not set then.
  for (const path of authenticates ? homePlaces : [])
    left.push({ value: path, witnesses: [], reason: 'who logs in comes home', review: undefined });
  const words = new Set(hidden.map(({ value }) => value.slice(1)));
  const isCovered = (path: string) => [...words].some((other) => isBelow(path, other));
  return {
    hidden: hidden
      .filter(({ value }) => !isCovered(value.slice(1)))
      .sort((a, b) => (a.value < b.value ? -1 : 1)),
    left,
  };
}

/** What could be hidden, and stays in reach because the daemon used it, or looked for it: a socket may be there on another day. */
function leftAlone(profile: Profile, place: KnownPlace): Grant[] {
  const { path, reason } = place;
  const isSocket = controlSockets().includes(place);
  const uses = usesOf(profile, path);
  if (uses.length > 0) {
    const review = isSocket ? `the daemon can ask for what the sandbox forbids: ${reason}` : undefined;
    return [{ value: path, witnesses: uses, reason: 'used by the daemon', review }];
  }
  const review = `it stays in reach: ${reason}`;
  return isSocket ? [{ value: path, witnesses: [], reason: 'the daemon looked for it', review }] : [];
}

/** Control sockets that the daemon used, for where nothing is hidden at all. */
export function usedSockets(profile: Profile, unit: UnitPlaces): Grant[] {
  const touched = touchedPlaces(profile, unit, false);
  return controlSockets()
    .filter(({ path }) => touched.has(path))
    .flatMap((place) => leftAlone(profile, place).filter(({ witnesses }) => witnesses.length > 0));
}

/** Why a place that is hidden should not be shown; undefined where it need not be hidden. */
export function whyHidden(path: string): string | undefined {
  const known = [...controlSockets(), ...secrets()].find((place) => covers(place.path, path));
  return known?.reason;
}

/** What the daemon did at a place and below it: to look whether it is there is nothing. */
function usesOf(profile: Profile, place: string): Witness[] {
  return Object.entries(profile.paths).flatMap(([path, acts]) => {
    const isThere = [path, ...factsOf(profile, path).real].some((name) => covers(place, name));
    const [used] = Object.entries(acts).filter(([act]) => act !== 'stat');
    return isThere && used !== undefined ? [witness(path, used[1])] : [];
  });
}

/** ProtectHome= is about it. */
const isHome = (path: string) => homePlaces.includes(path);
