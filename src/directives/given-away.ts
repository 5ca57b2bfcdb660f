import { isBelow } from '../paths/covering-tree.ts';
import { type Act, changingActs, namingActs } from '../profile/acts.ts';
import type { Evidence, Profile } from '../profile/profile.ts';
import { factsOf } from './path-facts.ts';

/** Whether anything was given to another user: another group alone leaves root the owner, who may do with it what he wants. */
export function givesToOthers(profile: Profile): boolean {
  return profile.privileged.some(({ call, what }) => /chown/.test(call) && what.startsWith('another owner'));
}

/**
 * Whether root goes on with what it gave to another user: it opens such a file to write to it, or makes and removes names in such a
 * directory. That worked the first time, for what is new is one's own; the next start finds it as another's.
 */
export function worksInGiven(profile: Profile): boolean {
  const given = Object.entries(profile.paths).flatMap(([path, acts]) =>
    acts.chown === undefined || isRoots(profile, path) ? [] : [path, ...targetsOf(profile, path)],
  );
  return given.some((place) =>
    Object.entries(profile.paths).some(([path, acts]) =>
      (Object.entries(acts) as [Act, Evidence][]).some(([act, { as }]) => {
        if (as !== undefined && !as.some((label) => label.startsWith('0'))) return false;
        if (path === place) return act === 'write' || act === 'create';
        return isBelow(path, place) && namingActs.has(act);
      }),
    ),
  );
}

/**
 * Whether logs that root writes are another's once they were rotated: as the rules of the package say, else as they are now. What
 * nobody knows may be.
 */
export function logsBecomeOthers(profile: Profile): boolean {
  return Object.entries(profile.paths).some(([path, acts]) => {
    const changes = (Object.entries(acts) as [Act, Evidence][]).filter(([act]) => changingActs.has(act));
    if (!path.startsWith('/var/log/') || changes.length === 0) return false;
    const { real } = factsOf(profile, path);
    const rules = real.flatMap((place) => profile.rotated[place.slice(0, place.lastIndexOf('/'))] ?? []);
    const owners = rules.flatMap(({ create }) => create ?? []);
    return owners.length === 0 ? !isRoots(profile, path) : owners.some((owner) => !owner.startsWith('0:'));
  });
}

/** Whether it is known to belong to root. */
function isRoots(profile: Profile, path: string): boolean {
  const owners = factsOf(profile, path).owner ?? [];
  return owners.length > 0 && owners.every((owner) => owner.startsWith('0:'));
}

function targetsOf(profile: Profile, path: string): string[] {
  return profile.moves.filter(({ how, from }) => how === 'rename' && from === path).map(({ to }) => to);
}
