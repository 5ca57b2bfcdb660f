import { bindOf, bindWordOf } from '../paths/bind-word.ts';
import type { Context } from './context.ts';
import type { Assigned, UnitValues } from './directive.ts';
import type { PlacesOf } from './followed-rules.ts';
import type { Witness } from './grant.ts';
import { ownDirectoriesOf } from './own-directory.ts';
import { withoutDash } from './path-needs.ts';
import { writerOfProc } from './proc-writers.ts';
import { appended } from './unit-values.ts';

/** What a unit itself has to do with places, whatever its daemon does there: real paths, and the names by which it says them. */
export interface UnitPlaces {
  /** Writable mounts that it brings along: directories that systemd makes for it, and what BindPaths= shows. */
  given: readonly string[];
  /** What else it mounts: to be seen, but not by way of the host's files. */
  covered: readonly string[];
  /** Of that what it empties: no list may name the very place, which would bring the host's files back. */
  emptied: readonly string[];
  /** Its setting for whose sake systemd writes to /proc once the mounts are made; undefined where it has none. */
  writesToProc: string | undefined;
  /** What it names, and what must be there when it starts. */
  named: readonly NamedPlace[];
}

export interface NamedPlace {
  path: string;
  /**
   * `start`: the working directory. `writable`, `listed`: in a list of paths. `hidden`: in one that takes it away, and must be
   * there all the same.
   */
  use: 'start' | 'writable' | 'listed' | 'hidden';
  /** With `-`: passed over where it is missing. */
  isOptional: boolean;
  /** The name of a link: where it leads is another place of the list. */
  isLink: boolean;
  /** The line of the unit. */
  witness: Witness;
}

export const noUnit: UnitPlaces = { given: [], covered: [], emptied: [], writesToProc: undefined, named: [] };

/** A missing path stops the start (226/NAMESPACE), but with `-`: https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#ReadWritePaths= */
const lists: readonly { key: string; use: NamedPlace['use'] }[] = [
  { key: 'ReadWritePaths', use: 'writable' },
  { key: 'ReadOnlyPaths', use: 'listed' },
  { key: 'ExecPaths', use: 'listed' },
  { key: 'NoExecPaths', use: 'listed' },
  { key: 'InaccessiblePaths', use: 'hidden' },
];

/** What these name need only be there because its absence would stop the start. */
const takesAway: ReadonlySet<string> = new Set(['NoExecPaths', 'InaccessiblePaths']);

export function unitPlaces(unit: UnitValues, context: Context, placesOf: PlacesOf): UnitPlaces {
  const eachName = (path: string) => [...new Set([path, ...placesOf(path)])];
  const binds = (key: string) =>
    (appended(unit(key)) ?? []).flatMap((word) => eachName(bindOf(word).destination));
  const own = ownDirectoriesOf(unit, context);
  const emptied = (appended(unit('TemporaryFileSystem')) ?? []).flatMap((word) =>
    eachName(bindOf(word).source),
  );
  return {
    given: [...own.flatMap(({ path, isReadOnly }) => (isReadOnly ? [] : path)), ...binds('BindPaths')],
    covered: [
      ...own.flatMap(({ path, isReadOnly }) => (isReadOnly ? path : [])),
      ...binds('BindReadOnlyPaths'),
      ...emptied,
    ],
    emptied,
    writesToProc: writerOfProc(unit),
    named: [
      ...lists.flatMap(({ key, use }) =>
        listed(unit(key))
          .filter(({ word }) => !takesAway.has(key) || !word.startsWith('-'))
          .map(({ word, place }) => named(key, word, use, place)),
      ),
      ...startOf(unit),
    ].flatMap((place) => followedPlace(place, placesOf)),
  };
}

function followedPlace(place: NamedPlace, placesOf: PlacesOf): NamedPlace[] {
  const places = placesOf(place.path);
  const itself = places.includes(place.path) ? [] : [{ ...place, isLink: true }];
  return [...itself, ...places.map((path) => ({ ...place, path }))];
}

/** WorkingDirectory=, where it says a path: the daemon begins there (200/CHDIR where it can't). */
export function startOf(unit: UnitValues): NamedPlace[] {
  const last = unit('WorkingDirectory').at(-1);
  const word = last?.words[0];
  return last === undefined || word === undefined
    ? []
    : [named('WorkingDirectory', word, 'start', last.place)];
}

function named(key: string, word: string, use: NamedPlace['use'], first: Assigned['place']): NamedPlace {
  const path = withoutDash(word);
  const witness = { call: `${key}=`, subject: path, first, count: 1 };
  return { path, use, isOptional: word.startsWith('-'), isLink: false, witness };
}

function listed(assigned: readonly Assigned[]): { word: string; place: Assigned['place'] }[] {
  const reset = assigned.findLastIndex(({ words }) => words.length === 0);
  return assigned.slice(reset + 1).flatMap(({ words, place }) => words.map((word) => ({ word, place })));
}

/** Every path that a unit names, as it stands there. */
export function pathsNamedBy(unit: UnitValues): Set<string> {
  const named = new Set<string>();
  const note: PlacesOf = (path) => [...named.add(path)].slice(-1);
  for (const [key, follow] of followers)
    for (const { words } of unit(key)) for (const word of words) follow(word, note);
  return named;
}

/** The unit with every path that it names as the real one: systemd follows links, so two names may say the same. */
export function withLinksFollowed(unit: UnitValues, placesOf: PlacesOf): UnitValues {
  return (key) => {
    const follow = followers.get(key);
    if (follow === undefined) return unit(key);
    return unit(key).map(({ words, place }) => ({
      words: words.flatMap((word) => follow(word, placesOf)),
      place,
    }));
  };
}

type Follow = (word: string, placesOf: PlacesOf) => readonly string[];

const followPath: Follow = (word, placesOf) => {
  const path = withoutDash(word);
  return placesOf(path).map((real) => word.slice(0, word.length - path.length) + real);
};
/** Words with options stay as they are: these are no words of ours. */
const followBind: Follow = (word, placesOf) => {
  const { source, destination, isOptional } = bindOf(word);
  if (bindWordOf(source, isOptional, destination) !== word) return [word];
  if (source === destination) return placesOf(source).map((real) => bindWordOf(real, isOptional));
  const [from = source] = placesOf(source);
  return placesOf(destination).map((to) => bindWordOf(from, isOptional, to));
};
const followTmpfs: Follow = (word, placesOf) => {
  const { source } = bindOf(word);
  const options = word.slice(bindWordOf(source, false).length);
  return placesOf(source).map((real) => bindWordOf(real, false) + options);
};
const followers: ReadonlyMap<string, Follow> = new Map<string, Follow>([
  ...lists.map(({ key }): [string, Follow] => [key, followPath]),
  ['WorkingDirectory', followPath],
  ['BindPaths', followBind],
  ['BindReadOnlyPaths', followBind],
  ['TemporaryFileSystem', followTmpfs],
]);
