import { ancestorsOf } from '../paths/covering-tree.ts';
import type { Act } from '../profile/acts.ts';
import type { Profile } from '../profile/profile.ts';
import { changesMount } from './behaviour.ts';
import { factsOf, factsOfAct, placesOfMove } from './path-facts.ts';
import type { UnitPlaces } from './unit-places.ts';

/** A part of the file system: by the names that a daemon used, and by where these lead. */
export class Places {
  readonly #named = new Set<string>();
  readonly #above = new Set<string>();

  add(...paths: readonly string[]): void {
    for (const path of paths) {
      if (this.#named.has(path)) continue;
      this.#named.add(path);
      for (const above of ancestorsOf(path)) {
        if (this.#above.has(above)) break;
        this.#above.add(above);
      }
    }
  }

  /** Whether a place itself is among them, or anything in it. */
  has(place: string): boolean {
    return this.#named.has(place) || this.#above.has(place);
  }
}

/**
 * What a daemon, and what its unit runs beside it, had to do with, and what the unit itself names. `withFailed`: where it looked in
 * vain counts too.
 */
export function touchedPlaces(profile: Profile, unit: UnitPlaces, withFailed: boolean): Places {
  const places = new Places();
  places.add(...unit.given, ...unit.covered);
  for (const { path, use } of unit.named) if (use !== 'hidden') places.add(path);
  const tables = [profile.paths, profile.beside, withFailed ? profile.tried : {}];
  for (const path of tables.flatMap(Object.keys)) {
    const { real, needs } = factsOf(profile, path);
    places.add(path, ...real, ...needs);
  }
  return places;
}

/**
 * What it changed, and what it gave a second name: a mount between both names would refuse that.
 * @param counts which of these places are asked for; all where left out
 */
export function changedPlaces(profile: Profile, counts: (path: string) => boolean = () => true): Places {
  const places = new Places();
  const add = (...paths: readonly string[]) => places.add(...paths.filter(counts));
  for (const move of profile.moves) for (const { from } of placesOfMove(profile, move)) add(from);
  for (const [path, acts] of Object.entries(profile.paths)) {
    for (const act of Object.keys(acts) as Act[]) {
      const facts = factsOfAct(profile, path, act);
      if (changesMount(act, facts)) add(path, ...facts.real);
    }
  }
  return places;
}
