import type { Setting } from '../directives/directive.ts';
import type { Profile } from '../profile/profile.ts';
import { explain } from './drop-in.ts';
import { brief, visible } from './escaping.ts';

export interface SummaryParts {
  profile: Profile;
  settings: readonly Setting[];
  warnings: readonly string[];
  /** How exposed a unit is, without and with the drop-in; undefined where this host can't tell. */
  exposure: { before: string; after: string } | undefined;
  /** What was written, for the commands that install it; undefined where that was no drop-in. */
  install: Install | undefined;
}

export interface Install {
  /** Where the drop-in was written; undefined for standard output. */
  file: string | undefined;
  /** The unit that it is probably for. */
  unit: string | undefined;
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
  ];
  if (parts.exposure !== undefined) {
    lines.push(
      `Exposure (systemd-analyze security, 10 is worst): ${parts.exposure.before} before, ${parts.exposure.after} after.`,
    );
  }
  return `${[...lines, ...(parts.install === undefined ? [] : ['', ...installation(parts.install)])].join('\n')}\n`;
}

function toLookAt(settings: readonly Setting[], warnings: readonly string[]): string[] {
  const reviews = settings.flatMap((setting) =>
    setting.grants
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

function inWords({ unread, other }: Profile['log']): string {
  const parts = [
    ...(unread === 0 ? [] : [`${unread} could not be read`]),
    ...(other === 0 ? [] : [`${other} were no lines of a trace`]),
  ];
  return parts.length === 0 ? ', all of them understood' : `, of which ${parts.join(' and ')}`;
}

function installation({ file: output, unit }: Install): string[] {
  const file = output === undefined ? '50-sandbox-profile.conf' : shellWord(fileName(output));
  const drop = '/etc/systemd/system/"$UNIT".d/50-sandbox-profile.conf';
  return [
    'To install it, as root (override.conf in that directory belongs to `systemctl edit`: this is a file of its own):',
    unit === undefined
      ? '  UNIT=NAME.service    # the service that it is for'
      : `  UNIT=${shellWord(unit)}    # the service that starts this program here: is it the one?`,
    ...(output === undefined ? [`  # save what was printed, from "# Written by" on, as ${file}`] : []),
    `  install -D -m 644 ${file} ${drop}`,
    '  systemctl daemon-reload && systemctl restart "$UNIT"',
    'To take it away again:',
    `  rm ${drop}`,
    '  systemctl daemon-reload && systemctl restart "$UNIT"',
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
