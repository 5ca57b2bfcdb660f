import { commonAncestor, parentOf } from '../paths/covering-tree.ts';
import { isTemporaryName } from '../paths/temporary-name.ts';
import { type Evidence, namingActs } from '../profile/profile.ts';
import type { Behaviour } from './behaviour.ts';
import type { Grant, Witness } from './grant.ts';
import { isBroad } from './sensitive-places.ts';

/** Places that a daemon needs, each with the calls that showed it. */
export class PathNeeds {
  readonly #needs = new Map<string, Grant>();

  add(place: string, witnesses: readonly Witness[], reason: string, review?: string): void {
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
    this.add(cover, need.witnesses, need.reason, need.review);
  }

  /** The need of a place, which goes. Throws where there is none. */
  take(place: string): Grant {
    const need = this.#needs.get(place);
    if (need === undefined) throw new Error(`Nothing needs ${place}.`);
    this.#needs.delete(place);
    return need;
  }

  grants(): Grant[] {
    return [...this.#needs.values()].sort((a, b) => (a.value < b.value ? -1 : 1));
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

/** The directory in which names begin that are different in each run; the place itself where its names are lasting. */
export function foldTemporary(place: string): string {
  const names = place.split('/');
  const temporary = names.findIndex((name, at) => at > 1 && isTemporaryName(name));
  return temporary < 0 ? place : names.slice(0, temporary).join('/');
}

/** What must be writable so that a behaviour passes: the directory where a name comes or goes, the file itself otherwise. */
export function writableAbove(behaviour: Behaviour): string[] {
  if (behaviour.kind === 'move') return [commonAncestor(parentOf(behaviour.from), parentOf(behaviour.to))];
  if (behaviour.kind !== 'path') return [];
  const { act, facts } = behaviour;
  return [...new Set(namingActs.has(act) ? facts.real.map(parentOf) : facts.real)];
}

/** A word of a path list as the path alone: `-` in front says that a missing one is passed over. */
export function withoutDash(word: string): string {
  return word.replace(/^-/, '');
}
