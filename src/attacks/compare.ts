import type { AttackResult } from './result.ts';

/** What a sandbox changed. */
export interface Comparison {
  openBefore: string[];
  openAfter: string[];
  /** Open before and not after. */
  closed: string[];
  /** Open after and not before: a sandbox must never do that. */
  opened: string[];
  /** What nobody could do on that machine, before or after. */
  notApplicable: string[];
}

/** Compares the results of one unit without and with a sandbox, from machines of the same host. */
export function compare(before: readonly AttackResult[], after: readonly AttackResult[]): Comparison {
  const openBefore = openOf(before);
  const openAfter = openOf(after);
  const wasOpen = new Set(openBefore);
  const isOpen = new Set(openAfter);
  const never = after.filter(({ id, outcome }) => outcome === 'not-applicable' && !wasOpen.has(id));
  return {
    openBefore,
    openAfter,
    closed: openBefore.filter((id) => !isOpen.has(id)),
    opened: openAfter.filter((id) => !wasOpen.has(id)),
    notApplicable: never.map(({ id }) => id),
  };
}

function openOf(results: readonly AttackResult[]): string[] {
  return results.filter(({ outcome }) => outcome === 'open').map(({ id }) => id);
}
