import type { Assignment } from '../directives/directive.ts';
import type { Judgement } from '../directives/judge.ts';
import type { Place } from '../trace/event.ts';
import { behaviourText, placeText, subjectOf } from './behaviour-text.ts';
import type { CheckFinding } from './check-report.ts';
import { renderAssignment } from './drop-in.ts';
import { brief, visible } from './escaping.ts';

export type Found = Judgement['findings'][number];

/** The text of the assignment at a place; undefined where there is none. */
export type LineAt = (place: Place) => string | undefined;

/** How many denials of a finding the text shows; the JSON output has them all. */
const mostShown = 5;

/** One finding for people: which line refuses what, where the log shows it, and what to do. Safe for a terminal. */
export function renderFinding(finding: Found, lineAt: LineAt): string[] {
  const { denials, errno, review } = finding;
  const shown = denials.slice(0, mostShown).map(({ behaviour }) => `    ${behaviourText(behaviour)}`);
  const rest = denials.length - shown.length;
  if (rest > 0) shown.push(`    and ${rest} more (--format json has them all)`);
  return [
    heading(finding, lineAt),
    `  ${inWords(errno)}${countOf(finding)}:`,
    ...shown,
    ...(review === undefined ? [] : [`  REVIEW ${brief(review, 300)}: think twice before you give way.`]),
    ...remedyOf(finding),
  ];
}

function heading({ directive, place }: Found, lineAt: LineAt): string {
  const text = place === undefined ? undefined : lineAt(place);
  if (place === undefined || text === undefined) return `${directive}=`;
  const isCause = text.startsWith(`${directive}=`);
  return `${placeText(place)}: ${brief(text)}${isCause ? '' : ` (which means ${directive}=, too)`}`;
}

function inWords(errno: string): string {
  if (errno === 'SIGSYS') return 'The daemon would be killed';
  return /^[A-Z0-9]+$/.test(errno) ? `The daemon would get ${errno}` : `What becomes of it: ${brief(errno)}`;
}

function countOf({ denials, below }: Found): string {
  const where = below === undefined ? '' : ` ${denials.length === 1 ? 'at' : 'at or below'} ${brief(below)}`;
  return denials.length === 1 ? where : ` for ${denials.length} acts${where}`;
}

function remedyOf({ remedy }: Found): string[] {
  const lines = linesOf(remedy.assignments);
  if (lines.length === 0)
    return ['  No line of a unit file can let this through: its name cannot be written there.'];
  const how =
    remedy.how === 'add' ? 'Add' : isPolar(remedy.assignments) ? 'Take out, or add behind it' : 'Take out';
  return lines.map((line, at) => `  ${at === 0 ? `${how}: ` : ' '.repeat(how.length + 2)}${visible(line)}`);
}

/** In a list of refusals, a list without `~` behind it takes out. */
function isPolar(assignments: readonly Assignment[]): boolean {
  return assignments.some(({ key }) => key === 'SystemCallFilter' || key === 'RestrictAddressFamilies');
}

function linesOf(assignments: readonly Assignment[]): string[] {
  return assignments.flatMap(renderAssignment);
}

/** The same for programs: as the trace has it, nothing shortened. */
export function findingJson(finding: Found, lineAt: LineAt): CheckFinding {
  const { directive, place, errno, below, remedy, review, denials } = finding;
  const text = place === undefined ? undefined : lineAt(place);
  return {
    directive,
    says: place === undefined || text === undefined ? null : { file: place.source, line: place.line, text },
    errno,
    below: below ?? null,
    remedy: { how: remedy.how, lines: linesOf(remedy.assignments) },
    review: review ?? null,
    denials: denials.map(({ behaviour }) => ({
      kind: behaviour.kind,
      call: behaviour.kind === 'call' ? behaviour.name : behaviour.evidence.call,
      subject: subjectOf(behaviour),
      first: behaviour.evidence.first,
      count: behaviour.evidence.count,
    })),
  };
}
