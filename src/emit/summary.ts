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
  /** Where the drop-in was written; undefined for standard output. */
  output: string | undefined;
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
    `Read: ${log.lines} lines, of which ${log.unread} could not be read and ${log.other} were no lines of a trace.`,
  ];
  if (parts.exposure !== undefined) {
    lines.push(
      `Exposure (systemd-analyze security): ${parts.exposure.before} before, ${parts.exposure.after} after.`,
    );
  }
  return `${[...lines, '', ...installation(parts.output)].join('\n')}\n`;
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

function installation(output: string | undefined): string[] {
  const file = output === undefined ? 'FILE' : shellWord(output);
  const drop = '/etc/systemd/system/"$UNIT".d/50-sandbox-profile.conf';
  return [
    'To install it (override.conf in that directory belongs to `systemctl edit`, so this is a file of its own):',
    '  UNIT=name.service',
    `  install -D -m 644 ${file} ${drop}`,
    '  systemctl daemon-reload && systemctl restart "$UNIT"',
    'To take it away again:',
    `  rm ${drop}`,
    '  systemctl daemon-reload && systemctl restart "$UNIT"',
  ];
}

/** A word that a shell takes as it is. What a terminal would obey becomes a name that no file has, and is seen. */
function shellWord(text: string): string {
  const shown = visible(text);
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
}
