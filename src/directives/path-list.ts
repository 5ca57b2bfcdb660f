import { bindOf } from '../paths/bind-word.ts';
import { covers } from '../paths/covering-tree.ts';
import { tellingCalls } from '../profile/calls/registry.ts';
import type { Behaviour } from './behaviour.ts';
import { type Assignment, type Directive, directive, type Plugin, type Remedy } from './directive.ts';
import type { MountRule } from './mount-view.ts';
import { withoutDash } from './path-needs.ts';
import { appended } from './unit-values.ts';

/** A directive whose value is a list of paths, each of which becomes a mount. */
export interface PathList extends Pick<Plugin<string[]>, 'name' | 'since' | 'about' | 'infer'> {
  observes?: readonly string[];
  style?: 'paths' | 'binds' | 'tmpfs';
  /** Whether the drop-in empties the list of the unit before it says its own. */
  resets?: boolean;
  /** Whether each word takes something away, so that those of the unit are said again where it is emptied. */
  keeps?: boolean;
  rules(words: readonly string[]): MountRule[];
  /** What lets a refused behaviour through; the word that refuses it is taken out where left out. */
  remedy?(words: readonly string[], behaviour: Behaviour): Remedy;
}

/** A list of paths: an assignment adds to what the unit has. */
export function pathList(spec: PathList): Directive {
  const { name, since, about, style = 'paths', resets = false, keeps = false, rules } = spec;
  const write = (words: readonly string[]): Assignment => ({ key: name, words: [...words], style });
  return directive<string[]>({
    name,
    since,
    about,
    observes: spec.observes ?? tellingCalls,
    style,
    infer: spec.infer,
    read: (unit) => appended(unit(name)),
    mounts: (words) => rules(words),
    denies(_words, behaviour, view) {
      const refusal = view.refuses(behaviour);
      return refusal?.by === name ? refusal.errno : undefined;
    },
    remedy: (words, behaviour, placesOf) =>
      spec.remedy?.(words, behaviour) ?? {
        how: 'take out',
        assignment: write(nearestWords(words, behaviour, (word) => placesOf(pathOf(word, style)))),
      },
    besides(words, unit) {
      // A path is covered by one above it; a bind mount by none but its like.
      const isSaid = (word: string, other: string) =>
        style === 'paths' && !resets ? covers(withoutDash(other), withoutDash(word)) : word === other;
      const rest = words.filter((word) => !unit.some((other) => isSaid(word, other)));
      if (rest.length === 0 && (!resets || new Set(unit).size === words.length)) return undefined;
      if (!resets) return rest;
      const has = new Set(words.map(withoutDash));
      return keeps ? [...unit.filter((word) => !has.has(withoutDash(word))), ...words] : words;
    },
    assignments: (words) => {
      if (words.length === 0) return [];
      return resets ? [write([]), write(words)] : [write(words)];
    },
  });
}

/** Of the words that make mounts, the deepest on the way to what was refused; all of them where none is. */
function nearestWords(
  words: readonly string[],
  behaviour: Behaviour,
  placesOf: (word: string) => readonly string[],
): readonly string[] {
  const places =
    behaviour.kind === 'path'
      ? [behaviour.path, ...behaviour.facts.real]
      : behaviour.kind === 'move'
        ? [behaviour.from, behaviour.to, ...behaviour.real.flatMap(({ from, to }) => [from, to])]
        : [];
  const holds = (holder: string) => places.some((place) => covers(holder, place));
  const depths = new Map(
    words.map((word) => [
      word,
      Math.max(0, ...placesOf(word).flatMap((place) => (holds(place) ? place.length : []))),
    ]),
  );
  const deepest = Math.max(...depths.values());
  return words.filter((word) => depths.get(word) === deepest);
}

function pathOf(word: string, style: 'paths' | 'binds' | 'tmpfs'): string {
  if (style === 'paths') return withoutDash(word);
  return style === 'binds' ? bindOf(word).destination : bindOf(word).source;
}
