import { commonAncestor, covers, isBelow, parentOf } from '../paths/covering-tree.ts';
import { readOwner } from '../paths/owner.ts';
import { usualName } from '../paths/usual-links.ts';
import { type Act, namingActs } from '../profile/acts.ts';
import type { Evidence, Profile } from '../profile/profile.ts';
import { authenticatesPeople } from './authentication.ts';
import { changesMount } from './behaviour.ts';
import type { Context } from './context.ts';
import type { Grant } from './grant.ts';
import { liesAmongOthers } from './kept-places.ts';
import { groupStores, loginRecords } from './known-places.ts';
import { isLikely } from './likely-place.ts';
import { placesToMake } from './made-places.ts';
import { modeOfOwn, type OwnDirectory, ownAbove, ownRootOf } from './own-directories.ts';
import { factsOf, factsOfAct, ownersOf, placesOf, placesOfMove } from './path-facts.ts';
import {
  expressible,
  foldTemporary,
  isExpressible,
  movesApart,
  nameOfGrant,
  PathNeeds,
  standIn,
  withoutDash,
  witness,
} from './path-needs.ts';
import { groupsOf, usersOf } from './ran-as.ts';
import {
  isBroad,
  isKernelPlace,
  shelves,
  volatilePlaceOf,
  volatilePlaces,
  whyReview,
  whySensitive,
} from './sensitive-places.ts';

/** What must be writable under a read-only file system, as words of ReadWritePaths=, and what could not be granted. */
export interface WritablePlan {
  /** What has to be granted by its path. */
  grants: Grant[];
  /** Directories that systemd makes for the unit, and that are writable by that. */
  own: OwnDirectory[];
  warnings: string[];
}

/**
 * The one place where it is decided what a daemon may write. ReadWritePaths= grants it, NoExecPaths= repeats it, ProtectSystem=
 * is the floor under it. The rules, and why: docs/writable-paths.md
 */
export function writablePlan(
  profile: Profile,
  context: Context,
  isGiven: (place: string) => boolean,
): WritablePlan {
  const warnings: string[] = [];
  const needs = new PathNeeds();
  for (const { place, real, path, isSure, evidence } of changedPlaces(profile, context)) {
    const granted = nameOfGrant(place, real);
    if (granted === undefined && !isGiven(real)) {
      warnings.push(
        `Writing to ${quoted(path)} is not granted: only a directory that holds far more could be named.`,
      );
    }
    if (granted === undefined) continue;
    const isHolder = !isExpressible(foldTemporary(place));
    if (isHolder) warnings.push(standIn(path, granted));
    const reason = isHolder ? 'holds what is written by the daemon' : 'written by the daemon';
    needs.add(granted, [witness(path, evidence)], reason, reviewOf(granted), isSure);
  }
  for (const path of namesOfTheKernel(profile)) {
    warnings.push(
      `Writing to ${quoted(path)} is not granted: the name lies among those of the kernel, and may lead elsewhere each time.`,
    );
  }
  if (context.level !== 'minimal') {
    addDirectoriesToMake(profile, needs, warnings);
    addShipped(profile, needs);
    addOwned(profile, needs);
    addGroupStores(profile, needs);
  }
  const records = context.level === 'balanced' ? addLoginRecords(profile, needs) : [];
  const ends = joinMoves(profile, needs, warnings);
  coverChildren(needs, (place, cover) => {
    const isOnTheWay = ends.some((end) => covers(end, place) || isBelow(end, place));
    const isWritten = (other: string) => needs.has(other);
    return context.level !== 'relaxed' && !isOnTheWay && liesAmongOthers(profile, place, cover, isWritten);
  });
  const own = context.level === 'relaxed' ? [] : takeOwn(profile, needs);
  const toMake = placesToMake(profile);
  const grants = needs.grants().map((grant) => {
    const word = afterReboot(toMake, grant);
    // Another login service, or nobody, makes it.
    return records.includes(word.value) ? { ...word, value: `-${word.value}` } : word;
  });
  return { grants, own, warnings };
}

/** A place for files like /tmp, though it lies among the devices: ProtectSystem=strict leaves it writable. */
export const sharedMemory = '/dev/shm';

interface ChangedPlace {
  /** The file or directory that must be writable. */
  place: string;
  /** What is changed, where it lies. */
  real: string;
  /** As the daemon named it. */
  path: string;
  /** Not where it may lie elsewhere. */
  isSure: boolean;
  evidence: Evidence;
}

function* changedPlaces(profile: Profile, context: Context): Generator<ChangedPlace> {
  for (const [path, acts] of Object.entries(profile.paths)) {
    if (isKernelPlace(path) || !path.startsWith('/')) continue;
    for (const [act, evidence] of Object.entries(acts) as [Act, Evidence][]) {
      const facts = factsOfAct(profile, path, act);
      if (!changesMount(act, facts)) continue;
      for (const real of facts.real) {
        if (isKernelPlace(real)) continue;
        const isOwn = act === 'make-directory' && modeOfOwn(profile, real) !== undefined;
        const isItself = isOwn || context.level === 'minimal';
        const place =
          namingActs.has(act) && !isOwn ? parentOf(real) : isItself ? real : widen(real, facts.kind);
        yield { place, real, path, isSure: facts.real.length === 1, evidence };
      }
    }
  }
}

/** What was changed by way of /proc or its kin and does not lie there. */
function namesOfTheKernel(profile: Profile): string[] {
  return Object.entries(profile.paths).flatMap(([path, acts]) => {
    if (!isKernelPlace(path)) return [];
    const leavesIt = (Object.keys(acts) as Act[]).some((act) => {
      const facts = factsOfAct(profile, path, act);
      return changesMount(act, facts) && !facts.real.every(isKernelPlace);
    });
    return leavesIt ? [path] : [];
  });
}

/**
 * A file that is only written to today is replaced tomorrow: log rotation and package upgrades put another one in its place,
 * and a grant for the file alone goes with it. So its directory is the grant, but where that holds much else.
 */
function widen(place: string, kind: readonly string[]): string {
  if (kind.includes('directory')) return place;
  const directory = parentOf(place);
  return isBroad(directory) || whySensitive(directory) !== undefined ? place : directory;
}

/**
 * mkdir that fails with EEXIST is a need: the directory is there today, and will be made again after a purge. So what holds it is
 * the grant, but where that holds much else: then the directory itself. Of a ladder, as `mkdir -p` climbs it,
 * only the deepest one is meant.
 */
function addDirectoriesToMake(profile: Profile, needs: PathNeeds, warnings: string[]): void {
  const existing = Object.entries(profile.tried).filter(
    ([, acts]) => acts['make-directory']?.errno === 'EEXIST',
  );
  const made = Object.entries(profile.paths).filter(([, acts]) => acts['make-directory'] !== undefined);
  const steps = [...existing, ...made].map(([path]) => path);
  for (const [path, acts] of existing) {
    const isDeepest = steps.every((other) => !isBelow(other, path));
    const evidence = acts['make-directory'];
    if (!isDeepest || evidence === undefined || isKernelPlace(path)) continue;
    const places = placesOf(profile, path);
    for (const real of places) {
      const granted = nameOfGrant(real, real);
      if (granted === undefined || isBroad(granted) || whySensitive(granted) !== undefined) continue;
      if (!isExpressible(foldTemporary(real))) warnings.push(standIn(path, granted));
      const holder = parentOf(granted);
      const isOwn =
        !isBroad(holder) && !volatilePlaces.includes(holder) && whySensitive(holder) === undefined;
      needs.add(
        isOwn ? holder : granted,
        [witness(path, evidence)],
        'the daemon makes a directory here where it is missing',
        reviewOf(isOwn ? holder : granted),
        places.length === 1,
      );
    }
  }
}

/**
 * A directory for state that belongs to whom the daemon runs as, and that it had to do with, is its own: that a small request
 * changed nothing there says little. Root owns too much for that.
 */
function addOwned(profile: Profile, needs: PathNeeds): void {
  const users = usersOf(profile);
  for (const [path, acts] of Object.entries(profile.paths)) {
    const { real, kind } = factsOf(profile, path);
    const [evidence] = Object.values(acts);
    const isOwn = ownersOf(profile, path).some(({ uid }) => users.has(uid));
    if (!isOwn || evidence === undefined || !kind.includes('directory')) continue;
    for (const place of real) {
      const granted = expressible(foldTemporary(place));
      if (granted !== place || !shelves.some((shelf) => isBelow(place, shelf))) continue;
      if (isBroad(place) || whySensitive(place) !== undefined) continue;
      needs.add(
        place,
        [witness(path, evidence)],
        'it belongs to the user as whom the daemon runs',
        reviewOf(place),
      );
    }
  }
}

/**
 * Spools, caches and stores that the package ships under another owner than root exist to be written to, and a small request
 * fills none of them.
 */
function addShipped(profile: Profile, needs: PathNeeds): void {
  const shipped = Object.entries(profile.shipped).map(([path, packages]) => ({
    path,
    reason: `${packages.join(', ')} ships it for data`,
  }));
  const prepared = Object.entries(profile.prepared).flatMap(([path, ways]) =>
    ways
      .filter(({ kind, owner }) => kind === 'directory' && isToWrite(owner))
      .map(({ by }) => ({ path, reason: `${by} makes it for data at each boot` })),
  );
  const rotated = Object.entries(profile.rotated).flatMap(([path, ways]) =>
    ways.map(({ by }) => ({ path, reason: `${by} rotates logs here` })),
  );
  for (const { path, reason } of [...shipped, ...prepared, ...rotated]) {
    const { real, kind } = factsOf(profile, path);
    for (const place of real) {
      if (
        !kind.includes('directory') ||
        isBroad(place) ||
        isKernelPlace(place) ||
        whySensitive(place) !== undefined
      )
        continue;
      const granted = expressible(place);
      if (granted === place) needs.add(place, [], reason, reviewOf(place));
    }
  }
}

/** Who took on the group of such a store did so to write there, though a small request stored nothing. */
function addGroupStores(profile: Profile, needs: PathNeeds): void {
  const groups = groupsOf(profile);
  for (const { path, reason } of groupStores()) {
    const { real, kind, owner = [] } = factsOf(profile, path);
    const isOpen = owner.map(readOwner).some(({ gid, mode }) => groups.has(gid) && (mode & 0o020) !== 0);
    if (!kind.includes('directory') || !isOpen) continue;
    for (const place of real)
      needs.add(place, [], `${reason}, and the daemon took on their group`, reviewOf(place));
  }
}

/**
 * Who lets people in writes that down, though nobody came while it was traced. The single files: what else lies beside them is not
 * its affair.
 */
function addLoginRecords(profile: Profile, needs: PathNeeds): string[] {
  if (!authenticatesPeople(profile)) return [];
  return loginRecords()
    .filter((place) => isLikely(profile, place) && !needs.has(place.path))
    .map(({ path, reason }) => {
      needs.add(path, [], `${reason}, and the daemon logs people in`, reviewOf(path));
      return path;
    });
}

/** Another owner than root, or sticky and for everybody. */
function isToWrite(owner: string): boolean {
  const { uid, mode } = readOwner(owner);
  return uid !== 0 || (mode & 0o1002) === 0o1002;
}

/**
 * Each granted path is a mount, and rename and link don't cross mounts (EXDEV). Where the daemon moves something between two
 * grants, the directory above both is the grant.
 * @returns both ends of what is moved inside a grant that holds far more: nothing on the way to them may be a mount of its own
 */
function joinMoves(profile: Profile, needs: PathNeeds, warnings: string[]): string[] {
  const ends: string[] = [];
  for (const { how, from, to, evidence } of profile.moves) {
    const places = placesOfMove(profile, { from, to });
    for (const real of places) {
      // What gets a second name need not be written to, so nothing may be granted where it lies.
      const left = parentOf(real.from);
      const source = grantOf(needs, left) ?? (how === 'link' ? left : undefined);
      const target = grantOf(needs, parentOf(real.to));
      if (source === undefined || target === undefined) continue;
      const above = commonAncestor(source, target);
      const cover = isBroad(above) ? grantOf(needs, above) : above;
      if (cover === undefined) {
        warnings.push(movesApart(from, to, above));
        continue;
      }
      if (isBroad(cover)) ends.push(real.from, real.to);
      if (source === target) continue;
      const isSure = places.length === 1;
      needs.add(cover, [witness(to, evidence)], 'files are moved inside it', reviewOf(cover), isSure);
      needs.moveTo(source, cover);
      needs.moveTo(target, cover);
    }
  }
  return ends;
}

function grantOf(needs: PathNeeds, place: string): string | undefined {
  for (let at = place; ; at = parentOf(at)) {
    if (needs.has(at)) return at;
    if (at === '/') return undefined;
  }
}

function coverChildren(needs: PathNeeds, isApart: (place: string, cover: string) => boolean): void {
  // The inner ones first, while what holds them is still there.
  for (const place of needs.places().sort((a, b) => b.length - a.length)) {
    const cover = place === '/' ? undefined : grantOf(needs, parentOf(place));
    if (cover !== undefined && !isApart(place, cover)) needs.moveTo(place, cover);
  }
  for (const place of needs.places()) {
    const above = sameAbove(needs, place);
    if (above !== undefined) needs.moveTo(place, above);
  }
}

/**
 * Where nobody could look, /lib/foo/bar may be /usr/lib/foo/bar. If a grant of /usr/lib/foo covers that, /lib/foo is what to name: a
 * mount of the file itself would be one inside that grant, and nobody could take its name away.
 */
function sameAbove(needs: PathNeeds, place: string): string | undefined {
  const name = usualName(place);
  const cover = name === place ? undefined : grantOf(needs, name);
  const above = cover === undefined ? '' : place.slice(0, cover.length - name.length);
  return cover !== undefined && above !== '' && usualName(above) === cover ? above : undefined;
}

/**
 * Takes out of the needs the directories that systemd can make for the unit: these are there after a reboot and after a purge. A
 * directive gives one mode to all that it makes, so of several modes the first one wins.
 */
function takeOwn(profile: Profile, needs: PathNeeds): OwnDirectory[] {
  const own: OwnDirectory[] = [];
  for (const place of needs.places()) {
    const path = ownAbove(place);
    if (path === undefined || !(path === place || volatilePlaceOf(place) !== undefined)) continue;
    const directive = ownRootOf(path);
    const mode = modeOfOwn(profile, path);
    if (directive === undefined || mode === undefined) continue;
    if (own.some((other) => other.directive === directive && other.mode !== mode)) continue;
    needs.moveTo(place, path);
    const grant = needs.take(path);
    const known = own.find((other) => other.path === path);
    if (known === undefined) own.push({ directive, path, mode, grant });
    else {
      known.grant.witnesses.push(...grant.witnesses);
      known.grant.review ??= grant.review;
    }
  }
  return own;
}

/**
 * What lies in /run or /tmp is gone after a reboot, and a grant for a path that is missing stops the start (226/NAMESPACE). If
 * the daemon makes the directory itself, it needs the one above; if something else does, a missing one is passed over.
 */
function afterReboot(toMake: ReadonlySet<string>, grant: Grant): Grant {
  const path = withoutDash(grant.value);
  const place = volatilePlaceOf(path);
  if (place === undefined) return grant;
  const first = `${place}/${path.slice(place.length + 1).split('/')[0]}`;
  if (!toMake.has(first)) return { ...grant, value: `-${path}` };
  return {
    ...grant,
    value: place,
    reason: `${first} is gone after a reboot, and the daemon makes it`,
    review: grant.review ?? reviewOf(place),
  };
}

function reviewOf(place: string): string | undefined {
  const why = whyReview(place);
  return why === undefined ? undefined : `writable: ${why}`;
}

function quoted(path: string): string {
  return JSON.stringify(path);
}
