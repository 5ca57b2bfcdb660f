import type { Setting } from '../directives/directive.ts';
import type { SyscallGroups } from '../syscall-groups/groups.ts';
import type { Closer } from './attack-table.ts';
import { type SaidBy, wordOf } from './lets-through.ts';

const directive = 'SystemCallFilter';

/** A system call without which an attack would be closed, and that the filter lets through. */
export interface CallLetThrough {
  name: string;
  /** One sentence. */
  why: string;
  /** The word that lets it through; none where every allow list does. */
  by: SaidBy;
}

/**
 * The call that an attack is made of, where a filter by an allow list lets it through: single calls that close it tell, and where only
 * groups are known to close it, what of these is let through.
 */
export function letCallThrough(
  closing: readonly Closer[],
  settings: readonly Setting[],
  groups: SyscallGroups,
): CallLetThrough | undefined {
  const filter = settings.find((setting) => setting.directive === directive);
  const words = closing.filter((closer) => closer.directive === directive).map(({ line }) => wordOf(line));
  if (filter === undefined || filter.grants.length === 0) return undefined;
  const single = words.filter((word) => !word.startsWith('@'));
  const names = single.length > 0 ? single : words.flatMap((word) => [...groups.members(word)]);
  // Taken out again by a later line.
  const denied = filter.assignments
    .filter(({ words: [first = ''] }) => first.startsWith('~'))
    .flatMap(({ words: list }) => list.map((word) => word.replace(/^~/, '').replace(/:.*/, '')))
    .flatMap((word) => (word.startsWith('@') ? [...groups.members(word)] : [word]));
  for (const name of names.filter((each) => !denied.includes(each))) {
    const grant = filter.grants.find(
      ({ value }) => value === name || (value.startsWith('@') && groups.members(value).has(name)),
    );
    const by = { directive, value: grant?.value };
    if (grant?.value === name) return { name, by, why: `${directive}= grants ${name}: ${grant.reason}` };
    if (grant !== undefined)
      return { name, by, why: `${directive}= grants ${grant.value}, and ${name} with it.` };
    if (groups.members('@default').has(name))
      return {
        name,
        by,
        why: `${directive}= lets ${name} through: it is in @default, which every allow list has.`,
      };
  }
  return undefined;
}
