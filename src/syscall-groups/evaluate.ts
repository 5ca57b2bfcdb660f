import { constants } from 'node:os';
import { allCalls } from './architectures.ts';
import type { SyscallGroups } from './groups.ts';

/** What a sequence of `SystemCallFilter=` assignments comes to. */
export interface SyscallFilter {
  /** `none`: nothing was assigned, or the last assignment was empty. */
  mode: 'none' | 'allow' | 'deny';
  /** Allow mode: the calls that are let through. Deny mode: the calls that are refused. */
  listed: ReadonlySet<string>;
  /** Refused calls that have an action of their own: an errno's name or number, or `kill`. Others get the default one. */
  actions: ReadonlyMap<string, string>;
  /** Words that systemd would skip, each with why. */
  skipped: { word: string; why: string }[];
  allows(name: string): boolean;
}

/**
 * Evaluates the values of `SystemCallFilter=` in their order, as systemd does: the first one decides between allow and
 * deny list, `~` takes away (adds, in a deny list), an empty value starts again, @default is in every allow list.
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#SystemCallFilter=
 */
export function evaluateFilter(assignments: readonly string[], groups: SyscallGroups): SyscallFilter {
  let mode: SyscallFilter['mode'] = 'none';
  // Call → '' (listed plainly) or the action of its own.
  const entries = new Map<string, string>();
  const skipped: SyscallFilter['skipped'] = [];

  const apply = (name: string, inverted: boolean, action: string): void => {
    // Until 247 an errno in an allow list was dropped: the call merely left the list.
    const ownAction = mode === 'allow' && inverted && action !== '' && groups.version >= 248;
    if (inverted === (mode === 'deny') || ownAction) entries.set(name, action);
    else entries.delete(name);
  };

  for (const value of assignments) {
    if (value.trim() === '') {
      mode = 'none';
      entries.clear();
      continue;
    }
    const inverted = value.trimStart().startsWith('~');
    if (mode === 'none') {
      mode = inverted ? 'deny' : 'allow';
      if (mode === 'allow') for (const name of groups.members('@default')) entries.set(name, '');
    }
    for (const word of value
      .trimStart()
      .slice(inverted ? 1 : 0)
      .split(/\s+/)) {
      if (word === '') continue;
      const colon = word.indexOf(':');
      const name = colon < 0 ? word : word.slice(0, colon);
      const action = colon < 0 ? '' : word.slice(colon + 1);
      if (colon >= 0 && !isAction(action)) skipped.push({ word, why: 'no errno has this name or number' });
      else if (colon >= 0 && !inverted)
        skipped.push({ word, why: 'a call that is allowed cannot have an errno' });
      else if (name.startsWith('@')) {
        if (!groups.names().includes(name)) skipped.push({ word, why: `${groups.source} has no such group` });
        for (const member of groups.members(name)) apply(member, inverted, action);
      } else if (groups.known(name)) apply(name, inverted, action);
      else skipped.push({ word, why: `${groups.source} knows no such system call` });
    }
  }

  const plain = [...entries].filter(([, action]) => mode === 'deny' || action === '').map(([name]) => name);
  const listed = new Set(plain);
  return {
    mode,
    listed,
    actions: new Map([...entries].filter(([, action]) => action !== '')),
    skipped,
    allows: (name) => mode === 'none' || listed.has(name) === (mode === 'allow'),
  };
}

/**
 * The calls that an allow list followed by a `~` list lets through (names and groups). Without an allow list the
 * second is a deny list, and the answer is every call of every architecture but those.
 */
export function meaningOf(
  allow: readonly string[],
  deny: readonly string[],
  groups: SyscallGroups,
): Set<string> {
  const lines = [allow.join(' '), ...(deny.length > 0 ? [`~${deny.join(' ')}`] : [])];
  const filter = evaluateFilter(lines, groups);
  return filter.mode === 'allow'
    ? new Set(filter.listed)
    : new Set(allCalls().filter((name) => filter.allows(name)));
}

function isAction(text: string): boolean {
  if (/^\d{1,4}$/.test(text)) return Number(text) <= 4095;
  return text === 'kill' || Object.hasOwn(constants.errno, text);
}
