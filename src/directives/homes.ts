import { isBelow } from '../paths/covering-tree.ts';
import { changingActs, type Profile } from '../profile/profile.ts';
import { factsOf } from './behaviour.ts';
import type { Context } from './context.ts';
import type { Grant, Witness } from './grant.ts';
import { expressible, foldTemporary, PathNeeds, withoutDash, witness } from './path-needs.ts';
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
export function homesOf(profile: Profile, context: Context, writable: WritablePlan): Homes {
  const given = writable.grants.map(({ value }) => withoutDash(value));
  const visible = new PathNeeds();
  const witnesses: Witness[] = [];
  let canBeEmpty =
    profile.sources.every(({ uid }) => uid !== undefined && uid !== 0) || context.systemd >= 257;
  for (const [path, acts] of Object.entries(profile.paths)) {
    for (const real of new Set([path, ...factsOf(profile, path).real])) {
      const home = homePlaces.find((place) => place === real || isBelow(real, place));
      const entries = Object.entries(acts).filter(([act]) => real !== home || act !== 'stat');
      const [first] = entries;
      if (home === undefined || first === undefined) continue;
      const [, evidence] = first;
      witnesses.push(witness(path, evidence));
      if (real === home) {
        // Looked through, or changed: an empty one would be another.
        canBeEmpty = false;
        continue;
      }
      if (given.some((place) => place === real || isBelow(real, place))) continue;
      const [name = ''] = real.slice(home.length + 1).split('/');
      const entry = expressible(foldTemporary(`${home}/${name}`));
      if (entry === undefined || entry === home) canBeEmpty = false;
      else visible.add(`-${entry}`, [witness(path, evidence)], 'used by the daemon');
    }
  }
  if (witnesses.length === 0) return { value: 'yes', witnesses, visible: [] };
  if (given.some((place) => homePlaces.includes(place)) || changesHomes(profile))
    return { value: undefined, witnesses, visible: [] };
  return {
    value: canBeEmpty ? 'tmpfs' : 'read-only',
    witnesses,
    visible: canBeEmpty ? visible.grants() : [],
  };
}

/** Whether /home or /root themselves are changed: their mode, say. */
function changesHomes(profile: Profile): boolean {
  return homePlaces.some((home) =>
    Object.keys(profile.paths[home] ?? {}).some((act) => [...changingActs].some((each) => each === act)),
  );
}
