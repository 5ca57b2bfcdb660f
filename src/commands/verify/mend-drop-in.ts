import type { Assignment } from '../../directives/directive.ts';
import { renderAssignment } from '../../emit/drop-in.ts';
import { brief } from '../../emit/escaping.ts';
import { readUnitText, type UnitLine } from '../../systemd/unit-text.ts';
import { wordsOf } from '../../systemd/unit-words.ts';

/** A change of a drop-in. */
export interface Change {
  /** `make optional`: a place that need not be there, `-` in front of it. */
  how: 'add' | 'take out' | 'make optional';
  assignments: Assignment[];
  /** Why, in one line. */
  reason: string;
}

/** In these lists of refusals a list without `~` behind one with it takes out of it. */
const polar: ReadonlySet<string> = new Set(['SystemCallFilter', 'RestrictAddressFamilies']);

/**
 * Makes a change in the text of a drop-in, with a comment that says why. Everything else in it stays as it is.
 * @returns undefined where nothing of the drop-in says what is to be taken out
 */
export function mendDropIn(text: string, change: Change, unit: string): string | undefined {
  const comment = `# Mended by verify: ${brief(change.reason, 400)}`;
  if (change.how === 'add' || change.assignments.every(({ key }) => polar.has(key)))
    return added(text, [comment, ...change.assignments.flatMap(renderAssignment)]);
  let mended = text;
  const left = change.how === 'make optional' ? (word: string) => [`-${word}`] : () => [];
  for (const assignment of change.assignments)
    mended = rewritten(mended, assignment, { comment, unit, left });
  return mended === text ? undefined : mended;
}

/** Behind everything else, in the section of services. */
function added(text: string, lines: readonly string[]): string {
  const sections = text.split('\n').filter((line) => /^\[/.test(line));
  const head = sections.at(-1)?.trim() === '[Service]' ? [] : ['[Service]'];
  return `${text.replace(/\n*$/, '')}\n\n${[...head, ...lines].join('\n')}\n`;
}

interface Rewriting {
  comment: string;
  unit: string;
  /** What is left of a word. */
  left(word: string): string[];
}

function rewritten(
  text: string,
  { key, words, style }: Assignment,
  { comment, unit, left }: Rewriting,
): string {
  const gone = new Set(words.map(bare));
  const physical = text.split('\n');
  // From the end, so that numbers of lines before stay what they are.
  for (const line of readUnitText(Buffer.from(text), 'drop-in').lines.toReversed()) {
    if (line.section !== 'Service' || line.key !== key) continue;
    const said = wordsOf(line.text, style, { unit }).words;
    if (!said.some((word) => gone.has(bare(word)))) continue;
    const kept = said.flatMap((word) => (gone.has(bare(word)) ? left(word) : [word]));
    const rest = kept.length === 0 ? [] : renderAssignment({ key, words: kept, style });
    physical.splice(line.line - 1, lengthOf(line, physical), comment, ...rest);
  }
  return physical.join('\n');
}

function bare(word: string): string {
  return word.replace(/^[-+]+/, '');
}

/** How many lines of the file an assignment takes: continued ones, with comments between them. */
function lengthOf({ line }: UnitLine, physical: readonly string[]): number {
  let length = 1;
  for (let at = line - 1; at < physical.length; at++) {
    const text = physical[at] ?? '';
    if (at > line - 1) length++;
    if (!text.endsWith('\\') && !/^[ \t]*[#;]/.test(text)) break;
  }
  return length;
}
