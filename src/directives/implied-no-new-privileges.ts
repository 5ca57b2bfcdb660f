import { evaluateFilter } from '../syscall-groups/evaluate.ts';
import type { Place } from '../trace/event.ts';
import type { Context } from './context.ts';
import type { Assignment, Remedy, UnitValues } from './directive.ts';
import { droppingCalls, filterSettings, filtersTakePrivileges } from './kernel-filters.ts';
import { restrictsNamespaces } from './plugins/restrict-namespaces.ts';
import { appended, lastBoolean } from './unit-values.ts';

/** Where a unit says what takes new privileges from it though it does not say so, and what would let it keep them. */
export interface Implied {
  place: Place;
  remedy: Remedy;
}

/** Undefined for a unit that keeps new privileges, but for what its own NoNewPrivileges= says. */
export function impliesNoNewPrivileges(unit: UnitValues, context: Context): Implied | undefined {
  if (!hasOtherUser(unit)) return undefined;
  if (!filtersTakePrivileges(context)) return refusesDropping(unit, context);
  const [first, ...others] = Object.keys(filterSettings).filter((key) => isLoaded(key, unit, context));
  const place = first === undefined ? undefined : unit(first).at(-1)?.place;
  if (first === undefined || place === undefined) return undefined;
  return { place, remedy: { how: 'add', assignment: undoing(first), also: others.map(undoing) } };
}

function undoing(key: string): Assignment {
  return { key, words: [...(filterSettings[key] ?? [])], style: 'plain' };
}

function hasOtherUser(unit: UnitValues): boolean {
  const [name = 'root'] = unit('User').at(-1)?.words ?? [];
  return name !== 'root' && name !== '0';
}

function isLoaded(key: string, unit: UnitValues, context: Context): boolean {
  if (key === 'RestrictNamespaces') return restrictsNamespaces(unit, context);
  return filterSettings[key]?.length === 0
    ? appended(unit(key)) !== undefined
    : lastBoolean(unit, key) === true;
}

/** A filter that refuses what systemd would do after it. A call with an errno of its own in an allow list is taken for allowed. */
function refusesDropping(unit: UnitValues, context: Context): Implied | undefined {
  const assigned = unit('SystemCallFilter');
  const lines = assigned.map(({ words }) => words.join(' '));
  const { mode, listed, actions } = evaluateFilter(lines, context.groups);
  const place = assigned.at(-1)?.place;
  if (mode === 'none' || place === undefined) return undefined;
  const isListed = (name: string) => listed.has(name) || actions.has(name);
  const refused = droppingCalls.filter((name) => isListed(name) === (mode === 'deny'));
  if (refused.length === 0) return undefined;
  const how = mode === 'allow' ? 'add' : 'take out';
  return { place, remedy: { how, assignment: { key: 'SystemCallFilter', words: refused, style: 'plain' } } };
}
