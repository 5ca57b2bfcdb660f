import { covers, isBelow, parentOf } from '../paths/covering-tree.ts';
import { type Act, namingActs } from '../profile/acts.ts';
import { type Behaviour, changesMount, type MoveBehaviour, type PathBehaviour } from './behaviour.ts';
import { type Actor, actorOf, atEmptied, atInaccessible, belowInaccessible } from './covered-place.ts';
import { type MountEntry, madeOnTheWay, mountEntries, nearestAbove } from './mount-entries.ts';
import type { MountRule, Refusal } from './mount-rules.ts';
import type { PathFacts } from './path-facts.ts';
import { leavesProc } from './proc-places.ts';

export type { MountRule, Refusal } from './mount-rules.ts';

/** These take a name away, so the kernel refuses them (EBUSY) where a mount is on what has that name. */
const takesName: ReadonlySet<Act> = new Set(['remove', 'rename-from', 'rename-to']);

/**
 * The file system as a unit under mount directives sees it. systemd turns each path that any of them names into a mount of its
 * own, and a mount's flags are those that were asked for at that very path: what an outer path asked for does not reach into it.
 * So the deepest mount on the way to a file decides: whether it is there at all, for writing and for executing alike. That is
 * why ExecPaths=X makes X writable again under ProtectSystem=strict, and why NoExecPaths=/ leaves each writable path executable.
 *
 * A place that a tmpfs has emptied is refused as the host's files are gone; what the daemon makes there itself is its own. The
 * rules, measured: docs/mounts.md. Their source: https://github.com/systemd/systemd/blob/v252/src/core/namespace.c
 */
export class MountView {
  readonly #entries: ReadonlyMap<string, MountEntry>;
  /** Directories that hold a mount: in a tmpfs they are made, so that it has a place. */
  readonly #ways = new Set<string>();

  /** By the place on which each mount is, as {@link MountView.#originOf} names it. */
  readonly #mountPoints = new Map<string, MountEntry>();

  /** A directive that makes a namespace and no mount says `left-writable` for `/`: then own directories are mounts. */
  constructor(rules: readonly MountRule[]) {
    this.#entries = mountEntries(rules);
    for (const [path, entry] of this.#entries) {
      this.#mountPoints.set(this.#originOf(path), entry);
      for (let at = parentOf(path); !this.#ways.has(at); at = parentOf(at)) this.#ways.add(at);
    }
  }

  /**
   * Whether the sandbox refuses a behaviour because of a mount, which directive's mount it is, and with what errno. A path is
   * refused if one of the places where it may lie is; so is a path to a link that is hidden itself.
   */
  refuses(behaviour: Behaviour): Refusal | undefined {
    if (behaviour !== this.#last?.behaviour)
      this.#last = { behaviour, refusal: this.#findRefusal(behaviour) };
    return this.#last.refusal;
  }

  /** Each path directive asks for the same behaviour, one after the other. */
  #last: { behaviour: Behaviour; refusal: Refusal | undefined } | undefined;

  #findRefusal(behaviour: Behaviour): Refusal | undefined {
    if (behaviour.kind === 'move') return this.#refusesMove(behaviour);
    if (behaviour.kind !== 'path') return undefined;
    const { act, path, facts, evidence, made = [] } = behaviour;
    const deed: Deed = { act, actor: actorOf(evidence.as), made };
    if (!facts.real.includes(path)) {
      const hidden = this.#hides(namingActs.has(act) ? parentOf(path) : path, deed);
      if (hidden !== undefined) return hidden;
    }
    for (const place of placesOf(behaviour)) {
      if (leavesProc(place)) continue;
      const seen = this.#leadsTo(path, place) ? path : place;
      const refusal = namingActs.has(act)
        ? this.#refusesName(seen, deed)
        : this.#refusesAt(seen, facts, deed);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  /** The path of the mount on which a path lies, `/` where no directive made one. */
  mountOf(path: string): string {
    return this.#mountAt(path)?.path ?? '/';
  }

  #mountAt(path: string): MountEntry | undefined {
    return this.#entries.get(path) ?? nearestAbove(this.#entries, path);
  }

  /**
   * Where the directory entry of a path lies: on the host, if a bind shows it from elsewhere; else the path itself. A mount keeps
   * such an entry busy wherever else it is seen.
   */
  #originOf(path: string): string {
    const mount = nearestAbove(this.#entries, path);
    if (mount === undefined) return path;
    if (mount.cover !== undefined) return `in ${mount.path}: ${path}`;
    const root = mount.source ?? (mount.path === '/' ? '/' : this.#originOf(mount.path));
    return withoutSlash(root) + path.slice(withoutSlash(mount.path).length);
  }

  /**
   * Whether a name leads to a place of the host by a mount at the name itself: in an emptied tree the links of the host are gone,
   * and a bind may stand in for one (`/run/foo:/var/run/foo`).
   */
  #leadsTo(path: string, place: string): boolean {
    const mount = path === place ? undefined : this.#mountAt(path);
    if (mount?.source === undefined) return false;
    return withoutSlash(mount.source) + path.slice(withoutSlash(mount.path).length) === place;
  }

  /** Whether nothing of that name is there, because what covers a directory above it is all that is seen. */
  #hides(place: string, { act, actor, made }: Deed): Refusal | undefined {
    const mount = this.#mountAt(place);
    if (mount?.cover === undefined || mount.path === place) return undefined;
    if (mount.cover.kind === 'inaccessible') {
      const isRightBelow = !namingActs.has(act) && parentOf(place) === mount.path;
      return { by: mount.by, errno: belowInaccessible(act, isRightBelow, actor) };
    }
    if (!actor.overrides && !actor.isRoot && (mount.cover.mode & 0o001) === 0)
      return { by: mount.by, errno: 'EACCES' };
    return this.#ways.has(place) || isIn(made, place) ? undefined : { by: mount.by, errno: 'ENOENT' };
  }

  /** Acts that change what a directory holds: the directory must be there, on a writable mount, and the name no mount point. */
  #refusesName(place: string, deed: Deed): Refusal | undefined {
    const { act, actor, made } = deed;
    const directory = parentOf(place);
    const hidden = this.#hides(directory, deed);
    if (hidden !== undefined) return hidden;
    const mount = this.#mountAt(directory);
    if (mount?.cover?.kind === 'inaccessible')
      return { by: mount.by, errno: belowInaccessible(act, true, actor) };
    // systemd has made it: EEXIST, whatever the mount around it is. Who makes it knows that from his second start.
    if (act === 'make-directory' && this.#isOwn(place)) return undefined;
    if (mount?.readOnlyBy !== undefined) return { by: mount.readOnlyBy, errno: 'EROFS' };
    const taken = takesName.has(act) ? this.#mountPoints.get(this.#originOf(place)) : undefined;
    // Root made it, and a sticky directory keeps names for their owners.
    const isOwner = actor.overrides || actor.isRoot;
    const isKept = !isOwner && mount?.cover?.kind === 'empty' && (mount.cover.mode & 0o1000) !== 0;
    if (mount?.cover?.kind === 'empty') {
      const isThere = taken !== undefined || this.#ways.has(place) || isIn(made, place);
      if (!isThere && (act === 'remove' || act === 'rename-from')) return { by: mount.by, errno: 'ENOENT' };
      const isOpen = isIn(made, directory) || isOpenToAll(mount, directory);
      if (!isOwner && !isOpen) return { by: mount.by, errno: 'EACCES' };
    }
    return taken === undefined ? undefined : { by: taken.by, errno: isKept ? 'EPERM' : 'EBUSY' };
  }

  /** Whether it is a directory that systemd makes for the unit, or a bind of one by another name. */
  #isOwn(place: string): boolean {
    const source = this.#entries.get(place)?.source;
    return [place, source ?? place].some((each) => this.#entries.get(each)?.flag === 'own-directory');
  }

  #refusesAt(place: string, facts: PathFacts, deed: Deed): Refusal | undefined {
    const { act, actor, made } = deed;
    const hidden = this.#hides(place, deed);
    if (hidden !== undefined) return hidden;
    const mount = this.#mountAt(place);
    if (mount === undefined) return undefined;
    const { by, readOnlyBy, noExecBy, cover } = mount;
    const isOwn = cover?.kind === 'empty' && place !== mount.path && isIn(made, place);
    if (cover !== undefined && !isOwn) {
      const errno =
        cover.kind === 'inaccessible'
          ? atInaccessible(act, facts, actor)
          : atEmptied(act, readOnlyBy !== undefined, isOpenToAll(mount, place), actor);
      return errno === undefined ? undefined : { by: errno === 'EROFS' ? (readOnlyBy ?? by) : by, errno };
    }
    if (readOnlyBy !== undefined && changesMount(act, facts)) return { by: readOnlyBy, errno: 'EROFS' };
    const errno = noExecBy === undefined ? undefined : errnoOfNoExec(act, facts);
    return noExecBy === undefined || errno === undefined ? undefined : { by: noExecBy, errno };
  }

  /** rename(2) and link(2) don't cross mounts, even on one file system: EXDEV. */
  #refusesMove({ how, real }: MoveBehaviour): Refusal | undefined {
    for (const place of real) {
      // A mount point can be linked to nowhere else; that it can't be renamed is another error.
      const source = this.#mountAt(how === 'link' ? place.from : parentOf(place.from));
      const target = this.#mountAt(parentOf(place.to));
      if ((source?.path ?? '/') === (target?.path ?? '/')) continue;
      const [outer, inner] =
        source !== undefined && (target === undefined || isBelow(source.path, target.path))
          ? [target, source]
          : [source, target];
      return { by: inner?.by ?? outer?.by ?? '', errno: 'EXDEV' };
    }
    return undefined;
  }
}

/** What is done, by whom, and what of it the daemon made itself: in a place that is emptied that is there all the same. */
interface Deed {
  act: Act;
  actor: Actor;
  made: readonly string[];
}

const isIn = (places: readonly string[], path: string) => places.some((place) => covers(place, path));

const withoutSlash = (path: string) => (path === '/' ? '' : path);

/** Whether anybody may write in a directory of an emptied place: in its root as its mode says, not in those that are made. */
function isOpenToAll({ path, cover }: MountEntry, directory: string): boolean {
  const mode = directory === path && cover?.kind === 'empty' ? cover.mode : madeOnTheWay;
  return (mode & 0o002) !== 0;
}

/** A program is not executed without what the kernel and the loader open for it. */
function placesOf({ act, facts }: PathBehaviour): readonly string[] {
  return act === 'execute' ? [...facts.real, ...facts.needs] : facts.real;
}

function errnoOfNoExec(act: Act, { kind }: PathFacts): string | undefined {
  if (act === 'execute') return 'EACCES';
  if (act === 'map') return 'EPERM';
  return act === 'may-execute' && kind.includes('file') ? 'EACCES' : undefined;
}
