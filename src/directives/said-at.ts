import type { Place } from '../trace/event.ts';
import type { Context } from './context.ts';
import type { UnitValues } from './directive.ts';
import type { Finding } from './findings.ts';

/**
 * Where a unit says what a finding is about: the last line that names what is refused, or a group with it, to refuse it; else the
 * last line of the directive that is not empty. Undefined where the unit says nothing of it.
 */
export function saidAt(finding: Finding, unit: UnitValues, context: Context): Place | undefined {
  const assigned = unit(finding.directive);
  const refused = new Set(finding.denials.flatMap(({ remedy }) => remedy.assignment.words.map(bare)));
  const names = (word: string) =>
    refused.has(bare(word)) ||
    (word.replace(/^~/, '').startsWith('@') && [...refused].some((call) => members(word).has(call)));
  const members = (word: string) => context.groups.members(word.replace(/^~/, ''));
  const isList = finding.remedy.how === 'take out';
  const naming = assigned.findLast(
    ({ words }) => (isList || words[0]?.startsWith('~') === true) && words.some(names),
  );
  const last = assigned.findLast(({ words }) => words.length > 0 && !words[0]?.startsWith('~'));
  return (naming ?? last ?? assigned.at(-1))?.place;
}

/** A word without what stands in front of its name, and the errno behind a call's. */
function bare(word: string): string {
  const name = word.replace(/^[-+~]+/, '');
  return name.startsWith('/') ? name : name.replace(/:.*$/, '');
}
