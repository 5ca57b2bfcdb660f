import type { Setting } from '../directives/directive.ts';
import type { Profile } from '../profile/profile.ts';
import type { Score } from '../systemd/exposure.ts';
import { explain } from './drop-in.ts';
import { brief, visible } from './escaping.ts';
import { type Loss, lossText } from './losses.ts';

export interface SummaryParts {
  profile: Profile;
  settings: readonly Setting[];
  warnings: readonly string[];
  /** How a live trace was made; undefined where it was read. */
  watched: string | undefined;
  /** How exposed the unit is, without and with the drop-in, and why; undefined where this host can't tell. */
  exposure: { before: Score; after: Score; losses: readonly Loss[] } | undefined;
  /** What was written, for the commands that install it; undefined where that was no drop-in. */
  install: Install | undefined;
}

export interface Install {
  /** Where the drop-in was written; undefined for standard output. */
  file: string | undefined;
  /** The unit that it is for, or probably is. */
  unit: string | undefined;
  /** Whether somebody said so (`--unit`). */
  isNamed: boolean;
  /** A unit of a user's own manager. */
  isUser: boolean;
}

/** What a person reads after the drop-in: first what needs a decision. Plain text, safe for a terminal. */
export function renderSummary(parts: SummaryParts): string {
  const { log } = parts.profile;
  const calls = Object.values(parts.profile.syscalls).reduce((sum, { count }) => sum + count, 0);
  const different = Object.keys(parts.profile.syscalls).length;
  const paths = Object.keys(parts.profile.paths).length;
  const lines = [
    ...toLookAt(parts.settings, parts.warnings),
    `Seen: ${calls} system calls, ${different} different; ${paths} paths; ${Object.keys(parts.profile.families).length} socket families.`,
    `Read: ${log.lines} lines${inWords(log)}.`,
    ...(parts.watched === undefined ? [] : [`Watched: ${visible(parts.watched)}`]),
  ];
  if (parts.exposure !== undefined) {
    const { before, after, losses } = parts.exposure;
    lines.push(
      `Exposure (systemd-analyze security, 10 is worst): ${points(before)} before, ${points(after)} after.`,
      ...stillLost(losses),
    );
  }
  return `${[...lines, ...(parts.install === undefined ? [] : ['', ...installation(parts.install)])].join('\n')}\n`;
}

function toLookAt(settings: readonly Setting[], warnings: readonly string[]): string[] {
  const reviews = settings.flatMap((setting) =>
    [...setting.grants, ...setting.left]
      .filter((grant) => grant.review !== undefined)
      .map(
        (grant) =>
          `  REVIEW ${setting.directive}=${brief(grant.value)}: ${brief(grant.review ?? '')} (${explain(grant)})`,
      ),
  );
  const notes = warnings.map((warning) => `  ${visible(warning)}`);
  if (reviews.length + notes.length === 0) return [];
  return ['Look at this first:', ...reviews, ...notes, ''];
}

/** So many reasons for what is still lost are shown; the JSON output has them all. */
const mostLosses = 8;

function stillLost(losses: readonly Loss[]): string[] {
  if (losses.length === 0) return [];
  const rest = losses.length - mostLosses;
  const more = rest > 0 ? [`  and ${rest} more (--format json has them all)`] : [];
  return [
    'Still lost, and why:',
    ...losses.slice(0, mostLosses).map((loss) => `  ${lossText(loss)}`),
    ...more,
  ];
}

function points({ exposure, level }: Score): string {
  return `${exposure.toFixed(1)} ${level}`;
}

function inWords({ unread, other }: Profile['log']): string {
  const parts = [
    ...(unread === 0 ? [] : [`${unread} could not be read`]),
    ...(other === 0 ? [] : [`${other} were no lines of a trace`]),
  ];
  return parts.length === 0 ? ', all of them understood' : `, of which ${parts.join(' and ')}`;
}

function installation({ file: output, unit, isNamed, isUser }: Install): string[] {
  const file = output === undefined ? '50-sandbox-profile.conf' : shellWord(fileName(output));
  const drop = `${isUser ? '~/.config/systemd/user' : '/etc/systemd/system'}/"$UNIT".d/50-sandbox-profile.conf`;
  const systemctl = isUser ? 'systemctl --user' : 'systemctl';
  // A template does not run; what comes in next runs as it says by then.
  const take =
    unit?.includes('@.') === true
      ? `  ${systemctl} daemon-reload    # it holds for the next connection`
      : `  ${systemctl} daemon-reload && ${systemctl} restart "$UNIT"`;
  return [
    `To install it, as ${isUser ? 'that user' : 'root'} (override.conf in that directory belongs to \`systemctl edit\`: this is a file of its own):`,
    unit === undefined
      ? '  UNIT=NAME.service    # the service that it is for'
      : isNamed
        ? `  UNIT=${shellWord(unit)}`
        : `  UNIT=${shellWord(unit)}    # the service that starts this program here: is it the one?`,
    ...(output === undefined ? [`  # save what was printed, from "# Written by" on, as ${file}`] : []),
    `  install -D -m 644 ${file} ${drop}`,
    take,
    'To take it away again:',
    `  rm ${drop}`,
    take,
    ...(unit === undefined || isNamed
      ? []
      : [
          `With --unit ${shellWord(unit)} what that service has already is left out, and the exposure is its own.`,
        ]),
  ];
}

/** A name that begins with a dash would be an option. */
function fileName(path: string): string {
  return path.startsWith('-') ? `./${path}` : path;
}

/** A word that a shell takes as it is. What a terminal would obey becomes a name that no file has, and is seen. */
function shellWord(text: string): string {
  const shown = visible(text);
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
}
