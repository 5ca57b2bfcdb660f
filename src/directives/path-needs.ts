import { commonAncestor, parentOf } from '../paths/covering-tree.ts';
import { isTemporaryName } from '../paths/temporary-name.ts';
import { namingActs } from '../profile/acts.ts';
import type { Evidence } from '../profile/profile.ts';
import type { Behaviour, PathBehaviour } from './behaviour.ts';
import type { Grant, Witness } from './grant.ts';
import { isBroad } from './sensitive-places.ts';

/** Places that a daemon needs, each with the calls that showed it. */
export class PathNeeds {
  readonly #needs = new Map<string, Grant>();
  /** Places that must be there: of the others each is one of several where something may lie. */
  readonly #sure = new Set<string>();

  add(place: string, witnesses: readonly Witness[], reason: string, review?: string, isSure = true): void {
    if (isSure) this.#sure.add(place);
    const known = this.#needs.get(place);
    if (known === undefined) {
      this.#needs.set(place, { value: place, witnesses: [...witnesses], reason, review });
      return;
    }
    known.witnesses.push(...witnesses);
    known.review ??= review;
  }

  has(place: string): boolean {
    return this.#needs.has(place);
  }

  places(): string[] {
    return [...this.#needs.keys()];
  }

  /** Takes a need out and gives its witnesses to the place that covers it. */
  moveTo(place: string, cover: string): void {
    const need = this.#needs.get(place);
    if (need === undefined || place === cover) return;
    this.#needs.delete(place);
    this.add(cover, need.witnesses, need.reason, need.review, this.#sure.has(place));
  }

  /** The need of a place, which goes. Throws where there is none. */
  take(place: string): Grant {
    const need = this.#needs.get(place);
    if (need === undefined) throw new Error(`Nothing needs ${place}.`);
    this.#needs.delete(place);
    return need;
  }

  /** In the order of their places; one that may be missing is passed over then (`-`). */
  grants(): Grant[] {
    return [...this.#needs.values()]
      .sort((a, b) => (a.value < b.value ? -1 : 1))
      .map((need) => (this.#sure.has(need.value) ? need : { ...need, value: `-${need.value}` }));
  }
}

export function witness(subject: string, evidence: Evidence): Witness {
  return { call: evidence.call, subject, first: evidence.first, count: evidence.count };
}

/**
 * Whether a unit file can hold a path, and a reader of that file see it as it is. No quoting helps against any of these:
 * - newline, NUL and carriage return end a line, quotes or not, and the rest is read as a line of its own (read_line_full)
 * - bytes that are not UTF-8, and code points that are no characters (U+FFFE): systemd drops the whole file (utf8_is_valid)
 * - other control characters, and those that hide or turn the writing direction: a terminal would obey
 * https://github.com/systemd/systemd/blob/v252/src/basic/fileio.c, https://github.com/systemd/systemd/blob/v252/src/basic/utf8.c
 */
export function isExpressible(path: string): boolean {
  return !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/u.test(path);
}

/** The path itself, or the nearest directory above that a unit file can hold. Undefined where only a broad one is left. */
export function expressible(path: string): string | undefined {
  if (isExpressible(path)) return path;
  const parent = parentOf(path);
  return isBroad(parent) || parent === path ? undefined : expressible(parent);
}

/**
 * By which path a place can be granted: the directory above names that never come again, and the nearest one that a unit file can
 * hold. Undefined where that would be one in which others' files lie. `real` is what the daemon does something to there.
 */
export function nameOfGrant(place: string, real: string): string | undefined {
  const folded = foldTemporary(place);
  const granted = expressible(folded);
  if (granted === undefined || granted === '/') return undefined;
  if (folded !== place && isBroad(granted)) return undefined;
  const isTop = isBroad(granted) || parentOf(granted) === '/';
  return isTop && !isExpressible(real) ? undefined : granted;
}

/** Told where a grant is a directory because the name in it can't be written down. */
export function standIn(path: string, granted: string): string {
  return `No unit file can hold the name ${JSON.stringify(path)}: ${JSON.stringify(granted)}, in which it lies, is granted in its place.`;
}

/** Told where a rename or link would cross mounts, and only a directory that holds far more has both ends. */
export function movesApart(from: string, to: string, cover: string): string {
  return `Moving ${JSON.stringify(from)} to ${JSON.stringify(to)} will fail with EXDEV: only ${JSON.stringify(cover)} holds both, and that is too broad to grant.`;
}

/** The directory in which names begin that are different in each run; the place itself where its names are lasting. */
export function foldTemporary(place: string): string {
  const names = place.split('/');
  const temporary = names.findIndex((name, at) => at > 1 && isTemporaryName(name));
  return temporary < 0 ? place : names.slice(0, temporary).join('/');
}

/** What must be writable so that a behaviour passes: the directory where a name comes or goes, the file itself otherwise. */
export function writableAbove(behaviour: Behaviour): string[] {
  if (behaviour.kind === 'move') {
    const [{ from, to } = behaviour] = behaviour.real;
    return [commonAncestor(parentOf(from), parentOf(to))];
  }
  if (behaviour.kind !== 'path') return [];
  const places = placesToName(behaviour);
  return [...new Set(namingActs.has(behaviour.act) ? places.map(parentOf) : places)];
}

/**
 * By which paths a unit should name what a behaviour is about. Of several places one may be missing, which would stop the start;
 * systemd follows the daemon's own name to the one that is there.
 */
export function placesToName({ path, facts }: PathBehaviour): readonly string[] {
  return facts.real.length > 1 ? [path] : facts.real;
}

/** A word of a path list as the path alone: `-` in front says that a missing one is passed over. */
export function withoutDash(word: string): string {
  return word.replace(/^-/, '');
}
