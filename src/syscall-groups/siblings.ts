import { table, words } from './table.ts';

interface Sibling {
  seen?: string;
  calls: string;
  because: string;
}

let grants: Map<string, Set<string>> | undefined;

/** Call → the calls that may stand in for it. */
function standIns(): Map<string, Set<string>> {
  if (grants !== undefined) return grants;
  grants = new Map();
  for (const { seen, calls } of table<{ siblings: Sibling[] }>('siblings').siblings) {
    for (const name of words(seen ?? calls)) {
      const set = grants.get(name) ?? new Set();
      for (const call of words(calls)) set.add(call);
      grants.set(name, set);
    }
  }
  return grants;
}

/**
 * The calls and whatever libc, another kernel or another architecture may make in their place (openat for open, clone
 * for clone3, the time64 forms), siblings of siblings included. Why each stands there: data/siblings.json.
 */
export function withSiblings(names: Iterable<string>): Set<string> {
  const all = new Set(names);
  // A set is walked in the order of insertion, what is added on the way included.
  for (const name of all) for (const call of standIns().get(name) ?? []) all.add(call);
  return all;
}
