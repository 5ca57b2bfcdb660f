import { expand } from './generalise.ts';
import type { SyscallGroups } from './groups.ts';
import { withSiblings } from './siblings.ts';
import { table } from './table.ts';

/** Calls that are dangerous for one reason. */
export interface Danger {
  calls: string[];
  because: string;
}

/** What level `relaxed` refuses as long as it is unused: data/dangerous.json. */
export function dangerous(groups: SyscallGroups): Danger[] {
  const { dangerous: entries } = table<{ dangerous: { calls: string; because: string }[] }>('dangerous');
  return entries.map(({ calls, because }) => ({ calls: expand(calls, groups), because }));
}

/**
 * The dangerous calls that are unused: the meaning of a deny list (see `coverDenied`). A danger of which one call was
 * seen is let go whole, for a daemon that mounts unmounts too. With each call the reason.
 */
export function refusable(seen: ReadonlySet<string>, groups: SyscallGroups): Map<string, string> {
  const needed = new Set([...withSiblings(seen), ...groups.members('@default')]);
  const refused = new Map<string, string>();
  for (const { calls, because } of dangerous(groups)) {
    if (calls.some((name) => needed.has(name))) continue;
    for (const name of calls) if (!refused.has(name)) refused.set(name, because);
  }
  return refused;
}
