import { isBelow, parentOf } from '../paths/covering-tree.ts';
import { passwordHelpers } from '../profile/describe-files.ts';
import type { Evidence, Profile } from '../profile/profile.ts';
import { authenticatesPeople } from './authentication.ts';
import { factsOf } from './behaviour.ts';
import type { Context } from './context.ts';
import type { Grant } from './grant.ts';
import { homePlaces } from './homes.ts';
import { expressible, foldTemporary, PathNeeds, witness } from './path-needs.ts';
import { isBroad, isKernelPlace } from './sensitive-places.ts';
import { sharedMemory } from './writable-paths.ts';

export interface ExecutablePlan {
  grants: Grant[];
  warnings: string[];
}

/** Why a program or library is dangerous to let run where it lies; undefined where it is not known to be. */
export function whyExecutable(path: string): string | undefined {
  const lies = (places: readonly string[]) => places.some((place) => path === place || isBelow(path, place));
  if (lies(publicPlaces)) return 'everybody can put a program there';
  if (lies(homePlaces)) return 'it lies in a home, and whose home it is can put another program there';
  return lies(['/run']) ? 'it is gone after a reboot, and who makes it then says what runs' : undefined;
}

/** Where everybody may make files. */
export const publicPlaces: readonly string[] = ['/dev/shm', '/tmp', '/var/tmp'];

/** Where loaders and libraries lie when nobody could look: a log from another machine. Missing ones are passed over. */
const libraryDirectories = ['/usr/lib', '/usr/lib64', '/lib', '/lib64'];

/**
 * The one place where it is decided what a daemon may execute and map: programs, the interpreters that the kernel starts in
 * their place, the loader and the libraries. No trace shows the loader or a `#!` interpreter, so they come from the files.
 * https://man7.org/linux/man-pages/man2/execve.2.html, https://man7.org/linux/man-pages/man8/ld.so.8.html
 * @param writable where the daemon may write
 */
export function executablePlan(
  profile: Profile,
  context: Context,
  writable: readonly string[],
): ExecutablePlan {
  const needs = new PathNeeds();
  const warnings: string[] = [];
  const add = (place: string, path: string, evidence: Evidence | undefined, reason: string) => {
    const folded = foldTemporary(place);
    const granted = expressible(folded);
    if (granted === undefined || isBroad(granted)) {
      warnings.push(
        `Executing ${JSON.stringify(path)} is not granted: its name can't be written in a unit file.`,
      );
      return;
    }
    const isWritable = writable.some((directory) => directory === granted || isBelow(granted, directory));
    const review = isWritable ? 'the daemon can write what may be executed here' : whyExecutable(granted);
    needs.add(granted, evidence === undefined ? [] : [witness(path, evidence)], reason, review);
  };
  for (const [path, acts] of Object.entries(profile.paths)) {
    if (isKernelPlace(path) && !isBelow(path, sharedMemory)) continue;
    if (path.startsWith('/memfd:')) continue;
    const facts = factsOf(profile, path);
    const runs = acts.execute ?? (facts.kind.includes('file') ? acts['may-execute'] : undefined);
    if (runs !== undefined) {
      for (const real of facts.real) add(real, path, runs, 'executed');
      for (const need of facts.needs) {
        add(libraryPlace(need, context, writable), path, runs, 'loaded by what is executed');
      }
    }
    if (acts.map !== undefined && !facts.kind.includes('character')) {
      for (const real of facts.real)
        add(libraryPlace(real, context, writable), path, acts.map, 'mapped executable');
    }
  }
  // The sandbox holds for the unit's other Exec lines too: a program there that is not executable fails the start, or the reload.
  for (const [path, places] of Object.entries(profile.beside)) {
    const { real, kind, needs: loaded } = factsOf(profile, path);
    if (!kind.includes('file') || isKernelPlace(path)) continue;
    const reason = `in ${places.join(', ')}`;
    for (const file of real) add(file, path, undefined, reason);
    for (const need of loaded) add(libraryPlace(need, context, writable), path, undefined, reason);
  }
  if (context.level === 'balanced' && authenticatesPeople(profile)) addLogin(profile, needs, add);
  if (lacksFacts(profile)) {
    for (const directory of libraryDirectories) {
      needs.add(
        `-${directory}`,
        [],
        'the loader is here on most machines; the traced machine could not be looked at',
      );
    }
  }
  for (const place of needs.places()) {
    for (let above = place; above !== '/'; ) {
      above = parentOf(above);
      const cover = [above, `-${above}`].find((each) => needs.has(each));
      if (cover !== undefined && !isParted(place, above, writable)) needs.moveTo(place, cover);
    }
  }
  return { grants: needs.grants(), warnings };
}

/**
 * A login runs a helper that may look at passwords, and loads modules as the rules of PAM say: none of them may have been traced.
 * https://man7.org/linux/man-pages/man8/pam_unix.8.html
 */
function addLogin(
  profile: Profile,
  needs: PathNeeds,
  add: (place: string, path: string, evidence: undefined, reason: string) => void,
): void {
  const reason = 'a login needs it, and none may have been traced';
  for (const helper of passwordHelpers) {
    const { real, kind, needs: loaded } = factsOf(profile, helper);
    if (kind.includes('file')) for (const file of [...real, ...loaded]) add(file, helper, undefined, reason);
    else if (kind.length === 0) needs.add(`-${helper}`, [], reason);
  }
  const all = Object.entries(profile.paths).flatMap(([path, acts]) => {
    const { real, needs: loaded } = factsOf(profile, path);
    return [...(acts.map === undefined ? [] : real), ...(acts.execute === undefined ? [] : loaded)];
  });
  const libraries = new Set(all.filter((path) => /\/libpam\.so(?:\.|$)/.test(path)).map(parentOf));
  for (const directory of libraries)
    if (!needs.has(directory)) needs.add(`-${directory}/security`, [], reason);
}

/**
 * Above minimal a library stands for its directory: name services, character sets, plug-ins and locales load others of the same
 * directory, as configuration and input ask for them, and an upgrade replaces the file by another one.
 */
function libraryPlace(file: string, context: Context, writable: readonly string[]): string {
  const directory = parentOf(file);
  const isLibrary = /\.so(?:\.|$)/.test(file.slice(directory.length));
  if (context.level === 'minimal' || !isLibrary || isBroad(directory)) return file;
  return isParted(file, directory, writable) ? file : directory;
}

/** A writable path is a mount of its own, and not executable: leave for a directory above it does not reach into it. */
function isParted(file: string, above: string, writable: readonly string[]): boolean {
  return writable.some((place) => (place === file || isBelow(file, place)) && isBelow(place, above));
}

/** Whether some program was executed that nobody could look at: then its loader and libraries are not known. */
function lacksFacts(profile: Profile): boolean {
  return Object.entries(profile.paths).some(
    ([path, acts]) =>
      acts.execute !== undefined && !isKernelPlace(path) && !factsOf(profile, path).kind.includes('file'),
  );
}
