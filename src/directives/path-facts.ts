import { nameOf, parentOf } from '../paths/covering-tree.ts';
import { type Owner, readOwner } from '../paths/owner.ts';
import { usualTargets } from '../paths/usual-links.ts';
import { type Act, namingActs } from '../profile/acts.ts';
import type { Move, Profile } from '../profile/profile.ts';

/** Where a path leads, and what lies there. Of several places in `real` it is in one, and nobody knows in which. */
export interface PathFacts {
  real: readonly string[];
  kind: readonly string[];
  needs: readonly string[];
  /** `uid:gid:mode`, where somebody looked. */
  owner?: readonly string[];
}

export function factsOf(profile: Profile, path: string): PathFacts {
  const known = knownOf(profile, path);
  const real = placesOf(profile, path);
  if (known === undefined) return { real, kind: [], needs: [] };
  return { real, kind: known.kind, needs: known.needs, owner: known.owner };
}

/** Whose a path is, by its name alone: on each of several hosts. */
export function ownersOf(profile: Pick<Profile, 'files'>, path: string): Owner[] {
  return (knownOf(profile, path)?.owner ?? []).map(readOwner);
}

/** Facts of the place that an act is about: most acts that make or take away a name don't follow a link of that name. */
export function factsOfAct(profile: Profile, path: string, act: Act): PathFacts {
  const facts = factsOf(profile, path);
  return act === 'create' || !namingActs.has(act) ? facts : { ...facts, real: namesOf(profile, path) };
}

/** The two names of a rename or a link, where they lie: in each pair both on the same machine. */
export function placesOfMove(
  profile: Profile,
  { from, to }: Pick<Move, 'from' | 'to'>,
): { from: string; to: string }[] {
  const sources = namesOf(profile, from);
  const targets = namesOf(profile, to);
  const pairs = Math.max(sources.length, targets.length);
  return Array.from({ length: pairs }, (_each, at) => ({
    from: sources[at] ?? sources[0] ?? from,
    to: targets[at] ?? targets[0] ?? to,
  }));
}

/**
 * The real paths that a path may stand for. Where nobody looked at it, links above it that are known are followed, and so are
 * those that every system has: systemd follows them too, in whatever a unit names.
 */
export function placesOf({ files }: Pick<Profile, 'files'>, path: string): readonly string[] {
  const ofFiles = places.get(files) ?? new Map<string, readonly string[]>();
  places.set(files, ofFiles);
  const known = ofFiles.get(path) ?? findPlaces({ files }, path);
  ofFiles.set(path, known);
  return known;
}

/** Each rule asks anew, and a path costs a look at all directories above it. */
const places = new WeakMap<Profile['files'], Map<string, readonly string[]>>();

function findPlaces(profile: Pick<Profile, 'files'>, path: string): readonly string[] {
  const known = knownOf(profile, path)?.real ?? [];
  if (known.length > 0) return known;
  return path.startsWith('/') ? namesOf(profile, path).flatMap(usualTargets) : [path];
}

/** The name itself, in the directory where it lies. */
function namesOf(profile: Pick<Profile, 'files'>, path: string): readonly string[] {
  if (path === '/') return [path];
  const parents = placesOf(profile, parentOf(path));
  return parents.map((parent) => `${parent === '/' ? '' : parent}/${nameOf(path)}`);
}

function knownOf({ files }: Pick<Profile, 'files'>, path: string): Profile['files'][string] | undefined {
  return Object.hasOwn(files, path) ? files[path] : undefined;
}
