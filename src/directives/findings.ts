import { bindWordOf } from '../paths/bind-word.ts';
import { ancestorsOf, parentOf } from '../paths/covering-tree.ts';
import type { Place } from '../trace/event.ts';
import type { Assignment, Remedy } from './directive.ts';
import { unseen } from './mount-namespace.ts';
import { expressible } from './path-needs.ts';
import { reviewOfWord } from './remedy-review.ts';
import { isBroad, volatilePlaces } from './sensitive-places.ts';
import type { Denial } from './settings.ts';

/** Denials that a person reads as one: by the same directive, with the same error, lifted by the same lines. */
export interface Finding {
  directive: string;
  /** What the daemon would have seen: an errno, `SIGSYS` where it would be killed, or words. */
  errno: string;
  /** The directory that they are all about; undefined where there is none. */
  below: string | undefined;
  /** In the order of the log. */
  denials: Denial[];
  /** What would let them through; no assignment where no line of a unit file can. */
  remedy: { how: Remedy['how']; assignments: Assignment[] };
  /** Why the remedy is dangerous: a person must look at it first. */
  review: string | undefined;
}

/** Denials, gathered: what kills comes first, then what the log shows earliest. */
export function findingsOf(denials: readonly Denial[]): Finding[] {
  const [hidden, others] = [
    denials.filter(({ errno }) => errno === unseen),
    denials.filter(({ errno }) => errno !== unseen),
  ];
  const findings = [hidden, ...groupBy(others, keyOf).values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    if (group === hidden) return [hiddenMounts(hidden, first.directive)];
    return isListOfPlaces(first.remedy) ? byDirectory(group) : [findingOf(group, undefined)];
  });
  return findings.sort((a, b) => rankOf(a) - rankOf(b) || byPlace(a.denials[0], b.denials[0]));
}

/** Each of several lines does it alone: only without all of them others see what is mounted. */
function hiddenMounts(denials: readonly Denial[], directive: string): Finding {
  const finding = findingOf(
    denials.filter((denial) => denial.directive === directive),
    undefined,
  );
  const lines = new Map(denials.map(({ directive: each, remedy }) => [each, remedy.assignment]));
  return { ...finding, remedy: { how: 'take out', assignments: [...lines.values()] }, review: undefined };
}

function keyOf({ directive, errno, remedy }: Denial): string {
  const { how, assignment } = remedy;
  const { key, words } = assignment;
  const apart = isListOfPlaces(remedy) ? [] : isListOfCalls(remedy) ? reviewsOf(assignment) : words;
  return [directive, errno, how, key, ...apart].join('\n');
}

/** Places that are to be granted are gathered by directory; so are calls, which stand in one list. */
function isListOfPlaces({ how, assignment }: Remedy): boolean {
  return how === 'add' && assignment.style === 'paths';
}

function isListOfCalls({ assignment }: Remedy): boolean {
  return assignment.key === 'SystemCallFilter';
}

function byDirectory(denials: readonly Denial[]): Finding[] {
  const covers = coversOf(denials.flatMap(({ remedy }) => remedy.assignment.words));
  const groups = groupBy(denials, ({ remedy }) => {
    const [word = '/'] = remedy.assignment.words;
    return covers.get(word) ?? word;
  });
  // Many names of a directory that nobody would grant whole are still one thing to read.
  const directories = groupBy([...groups.keys()], parentOf);
  return [...directories.values()].flatMap((places) => {
    const each = places.map((place) => groups.get(place) ?? []);
    return (places.length < manySiblings ? each : [each.flat()]).map((group) => findingOf(group, covers));
  });
}

function findingOf(group: readonly Denial[], covers: ReadonlyMap<string, string> | undefined): Finding {
  const denials = [...group].sort(byPlace);
  const [first] = denials;
  if (first === undefined) throw new Error('A finding needs a denial.');
  const { how, assignment } = first.remedy;
  const words = new Set<string>();
  for (const { remedy } of denials) {
    for (const word of remedy.assignment.words) {
      const written = assignment.style === 'plain' ? word : expressible(covers?.get(word) ?? word);
      if (written !== undefined) words.add(written);
    }
  }
  const said = { ...assignment, words: [...words].sort() };
  const reviews = reviewsOf(said);
  const [only] = said.words;
  return {
    directive: first.directive,
    errno: first.errno,
    below:
      covers === undefined || only === undefined
        ? undefined
        : said.words.length === 1
          ? only
          : parentOf(only),
    denials,
    remedy: {
      how,
      assignments:
        said.words.length === 0 && !isEmptying(first.remedy)
          ? []
          : [...withBinds(said), ...(first.remedy.also ?? [])],
    },
    review: reviews.length === 0 ? undefined : [...new Set(reviews)].join('; '),
  };
}

/** A list that is emptied by the remedy itself. */
function isEmptying({ assignment }: Remedy): boolean {
  return assignment.words.length === 0;
}

/** What ExecPaths= names is writable again under a read-only file system, but for a read-only bind mount of it. */
function withBinds(assignment: Assignment): Assignment[] {
  if (assignment.key !== 'ExecPaths') return [assignment];
  const words = assignment.words.map((word) => bindWordOf(word.replace(/^-/, ''), word.startsWith('-')));
  return [assignment, { key: 'BindReadOnlyPaths', words, style: 'binds' }];
}

function reviewsOf({ key, words }: Assignment): string[] {
  return words.flatMap((word) => reviewOfWord(key, word) ?? []);
}

/** So many places side by side are read as the directory that holds them. */
const manySiblings = 4;

/** For each place that is covered by a directory: that directory. One that holds far more than these is never named. */
function coversOf(places: readonly string[]): Map<string, string> {
  const covers = new Set(places);
  for (let grows = true; grows; ) {
    grows = false;
    const siblings = groupBy(
      [...covers].filter((place) => place !== '/'),
      parentOf,
    );
    for (const [parent, children] of siblings) {
      if (children.length < manySiblings || isBroad(parent) || volatilePlaces.includes(parent)) continue;
      for (const child of children) covers.delete(child);
      covers.add(parent);
      grows = true;
    }
  }
  const found = new Map<string, string>();
  for (const place of places) {
    const cover = [...ancestorsOf(place)].filter((above) => covers.has(above)).at(-1);
    if (cover !== undefined) found.set(place, cover);
  }
  return found;
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = key(item);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [item]);
    else group.push(item);
  }
  return groups;
}

/** What kills the daemon ends it there; what comes after in the log would not have been reached. */
function rankOf({ errno }: Finding): number {
  return errno === 'SIGSYS' ? 0 : 1;
}

function byPlace(a: Denial | undefined, b: Denial | undefined): number {
  if (a === undefined || b === undefined) return 0;
  const one: Place = a.behaviour.evidence.first;
  const other: Place = b.behaviour.evidence.first;
  if (one.source !== other.source) return one.source < other.source ? -1 : 1;
  return one.line - other.line;
}
