import type { SyscallGroups } from './groups.ts';
import { withSiblings } from './siblings.ts';
import { table, words } from './table.ts';

interface Entry {
  seen?: string;
  /** Calls and groups. */
  calls: string;
  because: string;
}

interface HarmlessTable {
  always: Entry[];
  whenSeen: Entry[];
  onlyIfSeen: Entry[];
}

/**
 * What other runs of the same daemon may call (level `balanced`): what was seen, its siblings, and what
 * data/harmless.json holds harmless. What is dangerous or rare stays out unless it was seen. Nothing is added that
 * this systemd could not name.
 */
export function generalise(seen: ReadonlySet<string>, groups: SyscallGroups): Set<string> {
  return new Set(explainGenerally(seen, groups).keys());
}

/** As `generalise`; with each call the reason why it is granted. */
export function explainGenerally(seen: ReadonlySet<string>, groups: SyscallGroups): Map<string, string> {
  const { always, whenSeen, onlyIfSeen } = table<HarmlessTable>('harmless');
  const base = withSiblings(seen);
  const reasons = new Map<string, string>();
  for (const name of base) {
    if (seen.has(name)) reasons.set(name, 'seen');
    else if (groups.known(name)) reasons.set(name, 'stands in for a call that was seen');
  }

  const held = new Set(onlyIfSeen.flatMap(({ calls }) => expand(calls, groups)));
  const grant = (name: string, because: string): void => {
    if (!held.has(name) && !reasons.has(name) && groups.known(name)) reasons.set(name, because);
  };
  for (const { calls, because } of always) for (const name of expand(calls, groups)) grant(name, because);
  for (const { seen: triggers, calls, because } of whenSeen) {
    const members = expand(calls, groups);
    if (!(triggers === undefined ? members : expand(triggers, groups)).some((name) => base.has(name)))
      continue;
    // One of the family was seen, so the family is not held back.
    for (const name of members) if (!reasons.has(name) && groups.known(name)) reasons.set(name, because);
  }
  return reasons;
}

/** The calls that a list of calls and groups names. */
export function expand(calls: string, groups: SyscallGroups): string[] {
  return words(calls).flatMap((word) => (word.startsWith('@') ? [...groups.members(word)] : [word]));
}
