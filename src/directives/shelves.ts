import { covers, isBelow } from '../paths/covering-tree.ts';
import type { Act } from '../profile/acts.ts';
import type { Profile } from '../profile/profile.ts';
import type { Grant, Witness } from './grant.ts';
import { alwaysVisible } from './known-places.ts';
import { isLikely } from './likely-place.ts';
import { factsOf } from './path-facts.ts';
import { expressible, foldTemporary, PathNeeds, withoutDash, witness } from './path-needs.ts';
import { shelves } from './sensitive-places.ts';
import type { UnitPlaces } from './unit-places.ts';
import type { WritablePlan } from './writable-paths.ts';

/** A place that is empty for the daemon but for what is bound into it. */
export interface EmptyPlace {
  path: string;
  /** Mount options: https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#TemporaryFileSystem= */
  options: string;
  reason: string;
}

export interface Shelves {
  empty: EmptyPlace[];
  /** What stays visible in them, as words of a path list. */
  visible: Grant[];
}

/** Of these an entry is not one service's: what lies in it counts. */
const shared = ['/run/systemd', '/run/dbus'];

/**
 * Which shelves can be empty: where the daemon keeps to its own entries. One that makes files in the directory itself (a pid file
 * in /run), or looks through it, needs the real one; so does one that calls another service through its socket, which may be
 * there only later, or be made anew.
 * @param kept directories of others in a grant that holds far more: of a shelf among them that grant is none
 */
export function emptiedShelves(
  profile: Profile,
  writable: WritablePlan,
  unit: UnitPlaces,
  authenticates: boolean,
  kept: readonly string[],
): Shelves {
  const empty: EmptyPlace[] = [];
  const visible = new PathNeeds();
  const granted = writable.grants.map(({ value }) => withoutDash(value));
  for (const shelf of shelves) {
    const entries = entriesOf(profile, shelf, writable, unit, kept.includes(shelf));
    // A login goes through services of which none may have been traced.
    if (entries === undefined || (authenticates && shelf === '/run')) continue;
    empty.push({
      path: shelf,
      options: 'ro,noexec',
      reason: `what other services have in ${shelf} was not used`,
    });
    for (const place of alwaysVisible()) {
      if (!isBelow(place.path, shelf) || !isLikely(profile, place)) continue;
      if (granted.some((root) => !covers(root, shelf) && covers(root, place.path))) continue;
      visible.add(`-${place.path}`, [], place.reason);
    }
    for (const [entry, uses] of entries) {
      // What is there today need not be tomorrow, and its absence must not stop the start (226/NAMESPACE).
      const word = `-${entry}`;
      const isThere = visible.places().some((place) => covers(withoutDash(place), entry));
      if (!isThere) visible.add(word, uses, 'used by the daemon');
    }
  }
  return { empty, visible: visible.grants() };
}

/** What the daemon used on a shelf and has no other grant for; undefined where it, or the unit, needs the shelf itself. */
function entriesOf(
  profile: Profile,
  shelf: string,
  { grants, own }: WritablePlan,
  unit: UnitPlaces,
  isKept: boolean,
): Map<string, Witness[]> | undefined {
  const granted = grants.map(({ value }) => withoutDash(value));
  const given = [
    ...(isKept ? granted.filter((place) => !isBelow(shelf, place)) : granted),
    ...own.map(({ path }) => path),
    ...unit.given,
    ...unit.named.flatMap(({ path, use }) => (use === 'writable' ? path : [])),
  ];
  if (given.some((place) => covers(place, shelf))) return undefined;
  given.push(...unit.covered);
  const entries = new Map<string, Witness[]>();
  const add = (entry: string, seen: Witness) => entries.set(entry, [...(entries.get(entry) ?? []), seen]);
  for (const { path, use, witness: seen } of unit.named) {
    // A list that names the shelf itself takes the place of the empty one.
    if (path === shelf && use !== 'start') return undefined;
    if (!isBelow(path, shelf) || given.some((place) => covers(place, path))) continue;
    const entry = entryOf(path, shelf);
    // What is to be hidden must be there first, in something that can be seen.
    if (use === 'hidden' && entry === path) return undefined;
    add(entry, seen);
  }
  for (const [path, acts] of Object.entries(profile.paths)) {
    for (const real of new Set([path, ...factsOf(profile, path).real])) {
      if (real === shelf && Object.keys(acts).some((act) => wholeShelf.has(act as Act))) return undefined;
      if (!isBelow(real, shelf)) continue;
      if (given.some((place) => covers(place, real))) continue;
      const [evidence] = Object.values(acts);
      if (evidence === undefined) continue;
      if (acts.connect !== undefined && !isKnown(real)) return undefined;
      const entry = expressible(foldTemporary(entryOf(real, shelf)));
      if (entry === undefined || covers(entry, shelf)) return undefined;
      add(entry, witness(path, evidence));
    }
  }
  return entries;
}

/** What can only be done to a shelf that is there as a whole. */
const wholeShelf: ReadonlySet<Act> = new Set(['list', 'watch', 'chmod', 'chown', 'xattr', 'utimes', 'mount']);

function isKnown(path: string): boolean {
  return alwaysVisible().some((place) => covers(place.path, path));
}

/** The entry of a shelf in which a path lies: `/var/lib/foo`; below what many services share, one level deeper. */
function entryOf(path: string, shelf: string): string {
  const common = shared.find((place) => isBelow(path, place)) ?? shelf;
  return `${common}/${path.slice(common.length + 1).split('/')[0]}`;
}
