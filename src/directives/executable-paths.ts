import { commonAncestor, covers, isBelow, parentOf } from '../paths/covering-tree.ts';
import { usualName } from '../paths/usual-links.ts';
import { passwordHelpers } from '../profile/describe-files.ts';
import type { Evidence, Profile } from '../profile/profile.ts';
import { authenticatesPeople } from './authentication.ts';
import type { Context } from './context.ts';
import type { Grant } from './grant.ts';
import { homePlaces } from './homes.ts';
import { movedPlaces, placesToMake } from './made-places.ts';
import { factsOf, placesOf, placesOfMove } from './path-facts.ts';
import {
  foldTemporary,
  isExpressible,
  nameOfGrant,
  PathNeeds,
  standIn,
  withoutDash,
  witness,
} from './path-needs.ts';
import { isBroad, isKernelPlace, volatilePlaceOf } from './sensitive-places.ts';
import { sharedMemory } from './writable-paths.ts';

export interface ExecutablePlan {
  grants: Grant[];
  warnings: string[];
}

/** Why a program or library is dangerous to let run where it lies; undefined where it is not known to be. */
export function whyExecutable(path: string): string | undefined {
  const lies = (places: readonly string[]) => places.some((place) => covers(place, path));
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
 */
export function executablePlan(
  profile: Profile,
  context: Context,
  { writableRoots, writableByUnit }: { writableRoots: readonly string[]; writableByUnit: readonly string[] },
): ExecutablePlan {
  // Mounts of their own, and not executable but for what is named in them.
  const apart = [...writableRoots, ...writableByUnit];
  const needs = new PathNeeds();
  const warnings: string[] = [];
  const moved = movedPlaces(profile);
  const passing = new Set([...placesToMake(profile), ...moved]);
  const add = (need: Needed, places: readonly string[]) => {
    for (const place of places) {
      // Of two names that may be one file only the other may be known as passing.
      const passes = (at: string) => passing.has(at) || (places.length > 1 && passing.has(usualName(at)));
      const holder = holderOf(place, passes, apart);
      const named = isBroad(holder) ? place : holder;
      const granted = nameOfGrant(named, place);
      if (granted === undefined || isBroad(granted) || (isBroad(holder) && moved.has(place))) {
        warnings.push(
          `Executing ${JSON.stringify(need.path)} is not granted: only a directory that holds far more could be named.`,
        );
        continue;
      }
      if (!isExpressible(foldTemporary(named))) warnings.push(standIn(need.path, granted));
      const isWritable = writableRoots.some((root) => covers(root, granted));
      const review = isWritable ? writableToo : whyExecutable(granted);
      const seen = need.evidence === undefined ? [] : [witness(need.path, need.evidence)];
      needs.add(granted, seen, need.reason, review, places.length === 1);
    }
  };
  for (const [path, acts] of Object.entries(profile.paths)) {
    if (isKernelPlace(path) && !isBelow(path, sharedMemory)) continue;
    if (path.startsWith('/memfd:')) continue;
    const facts = factsOf(profile, path);
    const runs = acts.execute ?? (facts.kind.includes('file') ? acts['may-execute'] : undefined);
    if (runs !== undefined) {
      add({ path, evidence: runs, reason: 'executed' }, facts.real);
      const loaded = { path, evidence: runs, reason: 'loaded by what is executed' };
      for (const file of facts.needs) add(loaded, [libraryPlace(file, context, apart)]);
    }
    if (acts.map !== undefined && !facts.kind.includes('character')) {
      const mapped = { path, evidence: acts.map, reason: 'mapped executable' };
      add(
        mapped,
        facts.real.map((file) => libraryPlace(file, context, apart)),
      );
    }
  }
  // The sandbox holds for the unit's other Exec lines too: a program there that is not executable fails the start, or the reload.
  for (const [path, places] of Object.entries(profile.beside)) {
    const { real, kind, needs: loaded } = factsOf(profile, path);
    if (!kind.includes('file') || isKernelPlace(path)) continue;
    const need = { path, evidence: undefined, reason: `in ${places.join(', ')}` };
    add(need, real);
    for (const file of loaded) add(need, [libraryPlace(file, context, apart)]);
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
      if (cover !== undefined && !isParted(place, above, apart)) needs.moveTo(place, cover);
    }
  }
  joinMoves(profile, needs, apart);
  return { grants: needs.grants().map(passedOver), warnings };
}

/**
 * What is named in a writable place is a mount of its own, and rename and link don't cross mounts (EXDEV). Where the daemon moves
 * something in or out, the directory above both ends is the grant.
 */
function joinMoves(profile: Profile, needs: PathNeeds, writable: readonly string[]): void {
  const moves = profile.moves.flatMap((move) =>
    placesOfMove(profile, move).map(({ from, to }) => [parentOf(from), parentOf(to)] as const),
  );
  for (let grows = true; grows; ) {
    grows = false;
    for (const ends of moves) {
      const cover = commonAncestor(...ends);
      // Between two writable places they are moved in vain, and a person was told.
      if (!writable.some((place) => covers(place, cover))) continue;
      for (const word of needs.places()) {
        const place = withoutDash(word);
        if (!covers(cover, place) || covers(place, ends[0]) === covers(place, ends[1])) continue;
        needs.moveTo(word, cover);
        needs.add(cover, [], 'files are moved inside it', writableToo);
        grows = true;
      }
    }
  }
}

const writableToo = 'the daemon can write what may be executed here';

interface Needed {
  path: string;
  evidence: Evidence | undefined;
  reason: string;
}

/**
 * What the daemon makes itself need not be there when the unit starts, and a mount of the file would keep it from taking that away.
 * So the directory in which it comes and goes is what may be executed.
 */
function holderOf(place: string, passes: (at: string) => boolean, apart: readonly string[]): string {
  let at = place;
  while (passes(at) && !apart.includes(at)) at = parentOf(at);
  return at;
}

/** What lies in /run or /tmp is gone after a reboot, and a grant for a path that is missing stops the start (226/NAMESPACE). */
function passedOver(grant: Grant): Grant {
  const path = withoutDash(grant.value);
  return volatilePlaceOf(path) === undefined ? grant : { ...grant, value: `-${path}` };
}

/**
 * A login runs a helper that may look at passwords, and loads modules as the rules of PAM say: none of them may have been traced.
 * https://man7.org/linux/man-pages/man8/pam_unix.8.html
 */
function addLogin(
  profile: Profile,
  needs: PathNeeds,
  add: (need: Needed, places: readonly string[]) => void,
): void {
  const reason = 'a login needs it, and none may have been traced';
  for (const helper of passwordHelpers) {
    const { real, kind, needs: loaded } = factsOf(profile, helper);
    if (kind.includes('file'))
      for (const file of [...real, ...loaded]) add({ path: helper, evidence: undefined, reason }, [file]);
    else if (kind.length === 0)
      for (const place of placesOf(profile, helper)) needs.add(`-${place}`, [], reason);
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
  return writable.some((place) => covers(place, file) && isBelow(place, above));
}

/** Whether some program was executed that nobody could look at: then its loader and libraries are not known. */
function lacksFacts(profile: Profile): boolean {
  return Object.entries(profile.paths).some(
    ([path, acts]) =>
      acts.execute !== undefined && !isKernelPlace(path) && !factsOf(profile, path).kind.includes('file'),
  );
}
