import { covers } from '../paths/covering-tree.ts';
import { changingActs } from '../profile/acts.ts';
import type { Profile } from '../profile/profile.ts';
import type { Context } from './context.ts';
import type { Grant, Witness } from './grant.ts';
import { factsOf } from './path-facts.ts';
import { expressible, foldTemporary, PathNeeds, withoutDash, witness } from './path-needs.ts';
import type { UnitPlaces } from './unit-places.ts';
import type { WritablePlan } from './writable-paths.ts';

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#ProtectHome= */
export const homePlaces: readonly string[] = ['/home', '/root', '/run/user'];

export interface Homes {
  /** Undefined where homes stay as they are. */
  value: 'yes' | 'tmpfs' | 'read-only' | undefined;
  /** What was done there. */
  witnesses: Witness[];
  /** What stays visible in empty homes, as words of a path list. */
  visible: Grant[];
}

/**
 * What happens to homes. Unused, they go away as a whole. Otherwise they are empty but for the one that is used: for a daemon
 * that isn't root, or from systemd 257 on, because before it root can write to such an empty home, and run what it wrote.
 * Where that can't be, they are read-only; where the daemon makes files in /home or /root themselves, no directive fits.
 */
export function homesOf(profile: Profile, context: Context, writable: WritablePlan, unit: UnitPlaces): Homes {
  const given = [
    ...writable.grants.map(({ value }) => withoutDash(value)),
    ...unit.given,
    ...unit.named.flatMap(({ path, use }) => (use === 'writable' ? path : [])),
  ];
  const visible = new PathNeeds();
  const witnesses: Witness[] = [];
  let isUsed = false;
  let canBeEmpty =
    profile.sources.every(({ uid }) => uid !== undefined && uid !== 0) || context.systemd >= 257;
  const use = (home: string, place: string, seen: Witness[]) => {
    witnesses.push(...seen);
    isUsed = true;
    // Looked through, or changed: an empty one would be another.
    if (place === home) canBeEmpty = false;
    else if (![...given, ...unit.covered].some((other) => covers(other, place))) {
      const [name = ''] = place.slice(home.length + 1).split('/');
      const entry = expressible(foldTemporary(`${home}/${name}`));
      if (entry === undefined || entry === home) canBeEmpty = false;
      else visible.add(`-${entry}`, seen, 'used by the daemon');
    }
  };
  for (const [path, acts] of Object.entries(profile.paths)) {
    const { real, needs } = factsOf(profile, path);
    // Of a program that is started, what the kernel and the loader open.
    const loaded = acts.execute === undefined && acts['may-execute'] === undefined ? [] : needs;
    for (const place of new Set([path, ...real, ...loaded])) {
      const home = homeOf(place);
      const [first] = Object.entries(acts).filter(([act]) => place !== home || act !== 'stat');
      if (home !== undefined && first !== undefined) use(home, place, [witness(path, first[1])]);
    }
  }
  for (const path of Object.keys(profile.beside)) {
    const { real, kind, needs } = factsOf(profile, path);
    for (const place of kind.includes('file') ? [path, ...real, ...needs] : []) {
      const home = homeOf(place);
      if (home !== undefined) use(home, place, []);
    }
  }
  for (const place of [...unit.given, ...unit.covered]) {
    const home = homeOf(place);
    if (home !== undefined) use(home, place, []);
  }
  for (const { path, use: kind, witness: seen } of unit.named) {
    const home = homeOf(path);
    if (home !== undefined && kind !== 'hidden') use(home, path, [seen]);
  }
  if (!isUsed) return { value: 'yes', witnesses, visible: [] };
  // What the unit hides must be there first, or it does not start: in an empty home it would not be.
  if (unit.named.some(({ path, use: kind }) => kind === 'hidden' && homeOf(path) !== undefined))
    canBeEmpty = false;
  if (given.some((place) => homePlaces.includes(place)) || changesHomes(profile))
    return { value: undefined, witnesses, visible: [] };
  return {
    value: canBeEmpty ? 'tmpfs' : 'read-only',
    witnesses,
    visible: canBeEmpty ? visible.grants() : [],
  };
}

function homeOf(path: string): string | undefined {
  return homePlaces.find((home) => covers(home, path));
}

/** Whether /home or /root themselves are changed: their mode, say. */
function changesHomes(profile: Profile): boolean {
  return homePlaces.some((home) =>
    Object.keys(profile.paths[home] ?? {}).some((act) => [...changingActs].some((each) => each === act)),
  );
}
