import type { FileFacts } from '../paths/file-facts.ts';
import type { Place } from '../trace/event.ts';
import {
  type Endpoint,
  type Evidence,
  emptyProfile,
  type LogTally,
  type Move,
  type Profile,
} from './profile.ts';

/**
 * Folds profiles of several days, hosts or logs into one: everything that any of them saw. Associative and commutative; of two
 * pieces of evidence for the same fact the earlier place wins (by source name, then line), and counts add up.
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
      first: earlier(x.first, y.first),
    })),
    abis: mergeRecords(a.abis, b.abis, mergeEvidence),
    paths: mergeRecords(a.paths, b.paths, (x, y) => mergeRecords(x, y, mergeEvidence)),
    tried: mergeRecords(a.tried, b.tried, (x, y) => mergeRecords(x, y, mergeEvidence)),
    moves: mergeLists(a.moves, b.moves, moveKey, withMergedEvidence),
    families: mergeRecords(a.families, b.families, mergeEvidence),
    endpoints: mergeLists(a.endpoints, b.endpoints, endpointKey, withMergedEvidence),
    unresolved: mergeRecords(a.unresolved, b.unresolved, mergeEvidence),
    limits: mergeLists(
      a.limits,
      b.limits,
      (limit) => limit,
      (first) => first,
    ),
    files: mergeRecords(a.files, b.files, mergeFacts),
  };
}

export function moveKey(move: Omit<Move, 'evidence'>): string {
  return JSON.stringify([move.how, move.from, move.to]);
}

export function endpointKey(endpoint: Omit<Endpoint, 'evidence'>): string {
  return JSON.stringify([endpoint.act, endpoint.family, endpoint.address, endpoint.port]);
}

function mergeEvidence<E extends Evidence>(x: E, y: E): E {
  const first = earlier(x.first, y.first);
  return { ...(first === x.first ? x : y), count: x.count + y.count };
}

function withMergedEvidence<T extends { evidence: Evidence }>(x: T, y: T): T {
  return { ...x, evidence: mergeEvidence(x.evidence, y.evidence) };
}

function earlier(x: Place, y: Place): Place {
  if (x.source !== y.source) return x.source < y.source ? x : y;
  return x.line <= y.line ? x : y;
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
  const keyed = (items: readonly T[]) => {
    const map: Record<string, T> = {};
    for (const item of items) map[keyOf(item)] = item;
    return map;
  };
  return Object.values(mergeRecords(keyed(x), keyed(y), mergeItems));
}
