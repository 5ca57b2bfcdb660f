import type { Assignment, Setting } from '../directives/directive.ts';
import type { Grant, Witness } from '../directives/grant.ts';
import { bindWord, brief, pathWord } from './escaping.ts';

/** What the head of a drop-in says. */
export interface DropInHeader {
  /** `sandbox-profile 0.1.0` */
  tool: string;
  date: Date;
  systemd: number;
  level: string;
  /** One line a source: a log, a trace, a profile. */
  sources: string[];
  /** What a reader must know before the first line. */
  warnings: string[];
}

/** The longest line of a list; a longer one goes on in another assignment, which adds to it. */
const lineWidth = 110;

/** How many witnesses a comment shows of a setting; the JSON output has them all. */
const mostWitnesses = 16;

/** The text of a drop-in: UTF-8 without anything that a traced program could have slipped in. Ends with a newline. */
export function renderDropIn(header: DropInHeader, settings: readonly Setting[]): string {
  const lines = [...renderHeader(header), '', '[Service]'];
  for (const setting of settings) {
    lines.push(...renderComment(setting));
    for (const assignment of setting.assignments) {
      const text = renderAssignment(assignment);
      lines.push(...(setting.inForce ? text : text.map((line) => `# ${line}`)));
    }
    lines.push('');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

/** The same without a word of explanation: what only stands in comments (advice, a dry run) is left out. */
export function renderBare(settings: readonly Setting[]): string {
  const inForce = settings.filter((setting) => setting.inForce);
  return `${['[Service]', ...inForce.flatMap(({ assignments }) => assignments.flatMap(renderAssignment))].join('\n')}\n`;
}

function renderHeader(header: DropInHeader): string[] {
  const day = header.date.toISOString().slice(0, 10);
  return [
    `# Written by ${header.tool} on ${day} for systemd ${header.systemd}, level ${header.level}.`,
    ...header.sources.map((source) => `# From ${brief(source, 200)}.`),
    '# Install it as UNIT.d/50-sandbox-profile.conf: override.conf belongs to `systemctl edit`.',
    ...header.warnings.map((warning) => `# NOTE: ${brief(warning, 300)}`),
  ];
}

function renderComment(setting: Setting): string[] {
  const lines = [`# ${setting.directive}: ${brief(setting.reason, 300)}`];
  for (const grant of [...setting.grants, ...setting.left]) {
    if (grant.review !== undefined) lines.push(`# REVIEW ${brief(grant.value)}: ${brief(grant.review)}.`);
  }
  const shown = setting.grants.slice(0, mostWitnesses);
  for (const grant of shown) lines.push(`#   ${brief(grant.value)}: ${explain(grant)}`);
  const rest = setting.grants.length - shown.length;
  if (rest > 0) lines.push(`#   and ${rest} more: --format json has them all`);
  for (const grant of setting.left.slice(0, mostWitnesses))
    lines.push(`#   left alone, ${brief(grant.value)}: ${explain(grant)}`);
  return lines;
}

/** Why a grant is there: its first witness and how many more, or the stated reason. */
export function explain(grant: Grant): string {
  const [first] = [...grant.witnesses].sort(byPlace);
  if (first === undefined) return brief(grant.reason);
  const others = new Set(grant.witnesses.map(({ call, subject }) => `${call} ${subject}`)).size - 1;
  const more = others > 0 ? ` and ${others} more` : '';
  return `${brief(grant.reason)}: ${describe(first)}${more}`;
}

/** `openat "/etc/passwd", httpd.strace:12` */
function describe(witness: Witness): string {
  const subject = witness.subject === '' ? '' : ` "${brief(witness.subject)}"`;
  const place =
    witness.first.line === 0
      ? brief(witness.first.source)
      : `${brief(witness.first.source)}:${witness.first.line}`;
  return `${brief(witness.call)}${subject}, ${place}`;
}

function byPlace(a: Witness, b: Witness): number {
  if (a.first.source !== b.first.source) return a.first.source < b.first.source ? -1 : 1;
  return a.first.line - b.first.line;
}

/** The lines of an assignment: one, or several where the list is long. */
export function renderAssignment({ key, words, style }: Assignment): string[] {
  if (words.length === 0) return [`${key}=`];
  const write = { paths: pathWord, binds: bindWord, tmpfs: bindWord, plain: plainWord }[style];
  const lines: string[] = [];
  const inverted = style === 'plain' && words[0]?.startsWith('~') === true;
  const [first = '', ...others] = words.map(write);
  let line = `${key}=${first}`;
  for (const word of others) {
    if (line.length + word.length >= lineWidth) {
      lines.push(line);
      // A list that goes on has to say again that it is a list of exceptions.
      line = `${key}=${inverted ? '~' : ''}${word}`;
    } else line += ` ${word}`;
  }
  return [...lines, line];
}

/** Names that systemd defines, numbers, addresses, device nodes; some come from the log, so each is held against what it can be. */
function plainWord(word: string): string {
  if (!/^(?:~?@?[*A-Za-z0-9_.:/-]+|~)$/.test(word))
    throw new Error(`"${brief(word)}" is not a word of a unit file.`);
  return word;
}
