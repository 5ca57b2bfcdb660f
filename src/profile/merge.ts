import type { FileFacts } from '../paths/file-facts.ts';
import type { Place } from '../trace/event.ts';
import { emptyProfile } from './empty-profile.ts';
import type {
  Caller,
  Endpoint,
  Evidence,
  LogTally,
  Move,
  Privileged,
  Profile,
  SymbolicLink,
  Transition,
} from './profile.ts';

/**
 * Folds profiles of several days, hosts or logs into one: everything that any of them saw. Associative and commutative; of two
 * pieces of evidence for the same fact the earlier place wins (by source name, then line, then call), and counts add up.
 */
export function mergeProfiles(profiles: readonly Profile[]): Profile {
  return profiles.reduce(mergeTwo, emptyProfile());
}

function mergeTwo(a: Profile, b: Profile): Profile {
  return {
    schema: 1,
    sources: mergeLists(
      a.sources,
      b.sources,
      (source) => JSON.stringify(source),
      (first) => first,
    ),
    log: mergeTally(a.log, b.log),
    syscalls: mergeRecords(a.syscalls, b.syscalls, (x, y) => ({
      count: x.count + y.count,
      first: comparePlaces(x.first, y.first) <= 0 ? x.first : y.first,
    })),
    unwatched: unionOf(a.unwatched, b.unwatched),
    abis: mergeRecords(a.abis, b.abis, mergeEvidence),
    paths: mergeRecords(a.paths, b.paths, (x, y) => mergeRecords(x, y, mergeEvidence)),
    tried: mergeRecords(a.tried, b.tried, (x, y) => mergeRecords(x, y, mergeEvidence)),
    moves: mergeLists(a.moves, b.moves, moveKey, withMergedEvidence),
    links: mergeLists(a.links, b.links, linkKey, withMergedEvidence),
    families: mergeRecords(a.families, b.families, mergeEvidence),
    endpoints: mergeLists(a.endpoints, b.endpoints, endpointKey, withMergedEvidence),
    callers: mergeLists(a.callers, b.callers, callerKey, withMergedEvidence),
    credentials: mergeLists(a.credentials, b.credentials, transitionKey, withMergedEvidence),
    privileged: mergeLists(a.privileged, b.privileged, privilegedKey, withMergedEvidence),
    unresolved: mergeRecords(a.unresolved, b.unresolved, mergeEvidence),
    beside: mergeRecords(a.beside, b.beside, unionOf),
    shipped: mergeRecords(a.shipped, b.shipped, unionOf),
    closed: mergeRecords(a.closed, b.closed, unionOf),
    neighbours: mergeRecords(a.neighbours, b.neighbours, unionOf),
    prepared: mergeRecords(a.prepared, b.prepared, (x, y) => eachOnce([...x, ...y])),
    rotated: mergeRecords(a.rotated, b.rotated, (x, y) => eachOnce([...x, ...y])),
    limits: mergeLists(
      a.limits,
      b.limits,
      (limit) => limit,
      (first) => first,
    ),
    files: mergeRecords(a.files, b.files, mergeFacts),
  };
}

function unionOf(x: readonly string[], y: readonly string[]): string[] {
  return [...new Set([...x, ...y])].sort();
}

/** Plain facts without evidence: sorted, and none twice. */
export function eachOnce<T>(facts: readonly T[]): T[] {
  const keyed = new Map(facts.map((fact) => [JSON.stringify(fact), fact]));
  return [...keyed].sort(([x], [y]) => compareTexts(x, y)).map(([, fact]) => fact);
}

export function moveKey(move: Omit<Move, 'evidence'>): string {
  return JSON.stringify([move.how, move.from, move.to]);
}

export function endpointKey({ act, family, port, address }: Omit<Endpoint, 'evidence'>): string {
  return `${act} ${family} ${port} ${address}`;
}

export function callerKey({ path, by }: Omit<Caller, 'evidence'>): string {
  return JSON.stringify([path, by]);
}

export function linkKey(link: Omit<SymbolicLink, 'evidence'>): string {
  return JSON.stringify([link.path, link.target]);
}

export function transitionKey(transition: Omit<Transition, 'evidence'>): string {
  return JSON.stringify([transition.call, transition.from, transition.to]);
}

export function privilegedKey(privileged: Omit<Privileged, 'evidence'>): string {
  return JSON.stringify([privileged.call, privileged.what]);
}

function mergeEvidence<E extends Evidence & { errno?: string }>(x: E, y: E): E {
  const merged = { ...(compareEvidence(x, y) <= 0 ? x : y), count: x.count + y.count };
  if (x.as !== undefined || y.as !== undefined)
    merged.as = [...new Set([...(x.as ?? []), ...(y.as ?? [])])].sort();
  return merged;
}

function withMergedEvidence<T extends { evidence: Evidence }>(x: T, y: T): T {
  return { ...x, evidence: mergeEvidence(x.evidence, y.evidence) };
}

/** Two logs of one name may have different calls on one line: then the order must come from the calls. */
function compareEvidence(x: Evidence & { errno?: string }, y: Evidence & { errno?: string }): number {
  return (
    comparePlaces(x.first, y.first) ||
    compareTexts(x.call, y.call) ||
    compareTexts(x.errno ?? '', y.errno ?? '')
  );
}

function comparePlaces(x: Place, y: Place): number {
  return compareTexts(x.source, y.source) || x.line - y.line;
}

function compareTexts(x: string, y: string): number {
  return x === y ? 0 : x < y ? -1 : 1;
}

function mergeTally(x: LogTally, y: LogTally): LogTally {
  const sum = { ...x };
  for (const key of Object.keys(x) as (keyof LogTally)[]) sum[key] += y[key];
  return sum;
}

function mergeFacts(x: FileFacts, y: FileFacts): FileFacts {
  const union = (key: keyof FileFacts) => [...new Set([...x[key], ...y[key]])].sort();
  return {
    real: union('real'),
    kind: union('kind'),
    owner: union('owner'),
    needs: union('needs'),
    format: union('format'),
  };
}

/** Keys sorted, so that the same facts are the same JSON whatever the order in which they came. */
function mergeRecords<T>(
  x: Readonly<Record<string, T>>,
  y: Readonly<Record<string, T>>,
  mergeValues: (x: T, y: T) => T,
): Record<string, T> {
  const merged = new Map(Object.entries(x));
  for (const [key, value] of Object.entries(y)) {
    const there = merged.get(key);
    merged.set(key, there === undefined ? value : mergeValues(there, value));
  }
  return Object.fromEntries([...merged].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function mergeLists<T>(
  x: readonly T[],
  y: readonly T[],
  keyOf: (item: T) => string,
  mergeItems: (x: T, y: T) => T,
): T[] {
  const keyed = (items: readonly T[]) => Object.fromEntries(items.map((item) => [keyOf(item), item]));
  const merged = mergeRecords(keyed(x), keyed(y), mergeItems);
  // Keys that look like numbers come first in an object, whatever their order was.
  return Object.keys(merged)
    .sort()
    .flatMap((key) => merged[key] ?? []);
}
