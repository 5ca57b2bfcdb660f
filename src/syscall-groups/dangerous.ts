import { expand } from './generalise.ts';
import type { SyscallGroups } from './groups.ts';
import { withSiblings } from './siblings.ts';
import { table, words } from './table.ts';

/** A call or a group that a deny list names while nothing uses it. */
export interface Danger {
  /** `@mount`, `bpf`. */
  name: string;
  /** The calls behind the name. */
  calls: string[];
  because: string;
}

/** What level `relaxed` refuses as long as it is unused, groups before single calls. */
export function dangerous(groups: SyscallGroups): Danger[] {
  return table<{ dangerous: { calls: string; because: string }[] }>('dangerous').dangerous.flatMap(
    ({ calls, because }) => words(calls).map((name) => ({ name, calls: expand(name, groups), because })),
  );
}

/** The dangerous calls of which neither one nor a sibling was seen: a deny list's meaning (see `coverDenied`). */
export function refusable(seen: ReadonlySet<string>, groups: SyscallGroups): Set<string> {
  const needed = new Set([...withSiblings(seen), ...groups.members('@default')]);
  return new Set(dangerous(groups).flatMap(({ calls }) => calls.filter((name) => !needed.has(name))));
}
