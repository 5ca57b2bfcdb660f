import type { Against, Setting } from '../directives/directive.ts';
import type { Witness } from '../directives/grant.ts';
import { againstText, placeText } from './behaviour-text.ts';
import { renderAssignment } from './drop-in.ts';
import { brief, visible } from './escaping.ts';

export interface Explained {
  name: string;
  /** The key that was asked for, where that is one which comes with the directive. */
  asked?: string;
  /** Undefined where it is not set. */
  setting: Setting | undefined;
  against: Against | undefined;
  /** Where the unit sets it already, `file:line`. */
  unitSays: string | undefined;
}

/** Everything that is known of one directive: each grant with all that asked for it. Plain text, safe for a terminal. */
export function explainDirective({ name, asked = name, setting, against, unitSays }: Explained): string {
  const lines =
    setting === undefined
      ? [`${name}= is not set: ${absence(against, unitSays)}.`]
      : [`${name}: ${visible(setting.reason)}`, ...settingLines(setting)];
  if (setting !== undefined && against !== undefined)
    lines.push('', `Not stricter, because of this: ${againstText(against)}.`);
  if (setting !== undefined && unitSays !== undefined)
    lines.push('', `The unit says of it already: ${unitSays}.`);
  if (asked !== name) lines.unshift(`${asked}= comes with ${name}=.`, '');
  return `${lines.join('\n')}\n`;
}

function absence(against: Against | undefined, unitSays: string | undefined): string {
  if (unitSays !== undefined) return `the unit has it already, and at least as strict (${unitSays})`;
  return against === undefined
    ? 'the unit has it already, because of something else that it says'
    : againstText(against);
}

function settingLines(setting: Setting): string[] {
  const { grants, left, assignments, inForce, warnings } = setting;
  return [
    '',
    ...assignments.flatMap(renderAssignment).map((line) => `    ${inForce ? '' : '# '}${visible(line)}`),
    ...[...grants, ...left].flatMap(({ value, reason, review, witnesses }) => [
      '',
      `${visible(value)}: ${visible(reason)}`,
      ...(review === undefined ? [] : [`  REVIEW ${visible(review)}`]),
      ...[...witnesses].sort(byPlace).map((witness) => `  ${witnessText(witness)}`),
    ]),
    ...(warnings.length === 0 ? [] : ['', ...warnings.map((warning) => `Mind this: ${visible(warning)}`)]),
  ];
}

function witnessText({ call, subject, first, count }: Witness): string {
  const what = subject === '' ? '' : ` "${visible(subject)}"`;
  return `${brief(call, 60)}${what}, ${placeText(first)}${count > 1 ? `, ${count} times` : ''}`;
}

function byPlace(a: Witness, b: Witness): number {
  if (a.first.source !== b.first.source) return a.first.source < b.first.source ? -1 : 1;
  return a.first.line - b.first.line;
}
