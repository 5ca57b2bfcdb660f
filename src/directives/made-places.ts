import { ancestorsOf } from '../paths/covering-tree.ts';
import type { Act } from '../profile/acts.ts';
import type { Profile } from '../profile/profile.ts';
import { factsOfAct, placesOf } from './path-facts.ts';

const making: ReadonlySet<Act> = new Set(['create', 'make-directory', 'make-node', 'rename-to']);
/** What a mount on the name itself would refuse (EBUSY, EXDEV). */
const moving: ReadonlySet<Act> = new Set(['remove', 'rename-from', 'rename-to', 'link']);

/** Real paths of everything that the daemon made, or may have: O_CREAT does not tell whether the file was there. */
export function madePlaces(profile: Profile): Set<string> {
  return placesOfActs(profile, making);
}

/** Real paths of what the daemon takes away, replaces, or gives a second name. */
export function movedPlaces(profile: Profile): Set<string> {
  return placesOfActs(profile, moving);
}

function placesOfActs(profile: Profile, wanted: ReadonlySet<Act>): Set<string> {
  const found = new Set<string>();
  for (const [path, acts] of Object.entries(profile.paths)) {
    for (const act of Object.keys(acts) as Act[]) {
      if (wanted.has(act)) for (const place of factsOfAct(profile, path, act).real) found.add(place);
    }
  }
  return found;
}

/** The same, and directories that were there already (EEXIST): where one is missing on another day, the daemon makes it. */
export function placesToMake(profile: Profile): Set<string> {
  const made = madePlaces(profile);
  for (const [path, acts] of Object.entries(profile.tried)) {
    if (acts['make-directory']?.errno === 'EEXIST')
      for (const place of placesOf(profile, path)) made.add(place);
  }
  return made;
}

/** For each place that was made, or lies in what was made, the outermost of that. */
export function outermost(made: ReadonlySet<string>, places: readonly string[]): string[] {
  return places.flatMap((place) => {
    let found = made.has(place) ? place : undefined;
    for (const above of ancestorsOf(place)) if (made.has(above)) found = above;
    return found ?? [];
  });
}
