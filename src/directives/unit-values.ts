import type { Assigned, UnitValues } from './directive.ts';

/**
 * How systemd merges what a unit and its drop-ins assign to one key. What it doesn't understand it ignores, so the value before
 * stays. https://github.com/systemd/systemd/blob/v252/src/core/load-fragment.c
 */

const trueWords: ReadonlySet<string> = new Set(['1', 'yes', 'y', 'true', 't', 'on']);
const falseWords: ReadonlySet<string> = new Set(['0', 'no', 'n', 'false', 'f', 'off']);

/** `yes` or `no`, in any spelling; undefined for anything else. */
export function booleanOf(word: string): boolean | undefined {
  const known = word.toLowerCase();
  if (trueWords.has(known)) return true;
  return falseWords.has(known) ? false : undefined;
}

/** The last assignment that is a boolean. */
export function lastBoolean(unit: UnitValues, key: string): boolean | undefined {
  return lastOf(unit(key), booleanOf);
}

/** The last assignment whose one word `understand` knows. */
export function lastOf<V>(
  assigned: readonly Assigned[],
  understand: (word: string) => V | undefined,
): V | undefined {
  let value: V | undefined;
  for (const { words } of assigned) {
    const [word] = words;
    if (word !== undefined && words.length === 1) value = understand(word) ?? value;
  }
  return value;
}

/** Of an assignment that has room for one word: what is not understood, an empty word where there is none. */
export function ignoredWords(
  words: readonly string[],
  understand: (word: string) => unknown,
): readonly string[] {
  const [word = ''] = words;
  if (words.length <= 1) return understand(word) === undefined ? [word] : [];
  return words;
}

/** A list that grows, and that an empty assignment empties; undefined where nothing is left. */
export function appended(assigned: readonly Assigned[]): string[] | undefined {
  const list: string[] = [];
  for (const { words } of assigned) {
    if (words.length === 0) list.length = 0;
    else list.push(...words);
  }
  return list.length === 0 ? undefined : list;
}

/** A list that is an allow list or a deny list, as its first assignment was. */
export interface PolarList {
  mode: 'allow' | 'deny';
  names: Set<string>;
}

/**
 * Merges a list of either polarity: an assignment like the first adds, one unlike it takes away; an empty one forgets all.
 * `expand` turns a word into the names that it stands for.
 */
export function polarList(
  assigned: readonly Assigned[],
  expand: (word: string) => Iterable<string>,
): PolarList | undefined {
  let list: PolarList | undefined;
  for (const { words } of assigned) {
    if (words.length === 0) {
      list = undefined;
      continue;
    }
    const isInverted = words[0]?.startsWith('~') === true;
    list ??= { mode: isInverted ? 'deny' : 'allow', names: new Set() };
    const adds = isInverted === (list.mode === 'deny');
    for (const [at, word] of words.entries()) {
      for (const name of expand(at === 0 ? word.replace(/^~/, '') : word)) {
        if (adds) list.names.add(name);
        else list.names.delete(name);
      }
    }
  }
  return list;
}
