import { isBelow } from '../paths/covering-tree.ts';
import { type Act, namingActs } from '../profile/acts.ts';
import type { Profile } from '../profile/profile.ts';
import { factsOf } from './path-facts.ts';
import { isKernelPlace } from './sensitive-places.ts';
import { sharedMemory } from './writable-paths.ts';

/**
 * Paths at which a daemon made something that has a mode, or would make it where it is missing: files, directories, sockets. A
 * file without a name (O_TMPFILE) counts as its directory. Devices and kernel files are there already.
 */
export function madePaths(profile: Profile): string[] {
  const made = Object.entries(profile.paths).flatMap(([path, acts]) =>
    (Object.keys(acts) as Act[]).some((act) => makes(profile, path, act)) ? [path] : [],
  );
  const wanted = Object.entries(profile.tried).flatMap(([path, acts]) =>
    acts['make-directory']?.errno === 'EEXIST' ? [path] : [],
  );
  return [...made, ...wanted].filter((path) => !isKernelPlace(path) || isBelow(path, sharedMemory));
}

const taking: ReadonlySet<Act> = new Set(['remove', 'rename-from']);

function makes(profile: Profile, path: string, act: Act): boolean {
  if (namingActs.has(act)) return !taking.has(act);
  return act === 'write' && factsOf(profile, path).kind.includes('directory');
}
