import { brief, visible } from './escaping.ts';
import type { Attacks, VerifyReport, Works } from './verify-report.ts';

/** What `verify` tells people. Safe for a terminal. */
export function renderVerify(report: VerifyReport): string {
  const { unit, dropIn, works, attacks, systemd, ignored } = report;
  const what = dropIn === null ? `${unit} in its own sandbox` : `${unit} under ${brief(dropIn)}`;
  return `${[
    ...(works === null ? [] : renderWorks(what, works)),
    ...(works === null || attacks === null ? [] : ['']),
    ...(attacks === null ? [] : renderAttacks(what, attacks)),
    ...(ignored.length === 0
      ? []
      : [
          '',
          'Ignored by systemd, so it protects nothing:',
          ...ignored.map((line) => `  ${brief(line, 300)}`),
        ]),
    '',
    `Tried in throw-away machines with systemd ${systemd}.`,
  ].join('\n')}\n`;
}

const refusalsShown = 5;

function renderWorks(what: string, works: Works): string[] {
  const failed = works.steps.filter(({ why }) => why !== '');
  const said = works.steps.map(({ step, why }) =>
    why === '' ? `  ${step}: well` : `  ${step}: FAILED, ${brief(why, 300)}`,
  );
  const lines = [`${what}: ${works.holds ? 'it holds.' : 'it does not hold.'}`, '', ...said];
  for (const { program, syscall, call } of works.killed)
    lines.push(
      `  The kernel's log: ${brief(program)} was killed for ${call ?? 'system call'} (number ${syscall}).`,
    );
  const isShown = ({ seen }: Works['findings'][number]) => seen.length > 0 || failed.length > 0;
  for (const { directive, says, seen, errno, remedy, review } of works.findings.filter(isShown)) {
    lines.push('', says === null ? `${directive}=` : `${brief(says.file)}:${says.line}: ${brief(says.text)}`);
    if (seen.length === 0)
      lines.push(
        `  was not seen to refuse anything, but would (${brief(errno)}), by what the unit does without it.`,
      );
    else lines.push('  refused:', ...refusals(seen));
    if (review !== null) lines.push(`  REVIEW ${brief(review, 300)}: think twice before you give way.`);
    lines.push(...remedyOf(remedy));
  }
  if (works.unexplained.length > 0)
    lines.push(
      '',
      'Worked without it, failed with it, and no setting is known that does so:',
      ...refusals(works.unexplained),
    );
  if (works.changes.length > 0) lines.push('', 'Changed:');
  for (const { how, lines: changed, reason } of works.changes)
    lines.push(...changed.map((line) => `  ${how}: ${visible(line)}`), `    ${brief(reason, 300)}`);
  return lines;
}

function refusals(seen: Works['unexplained']): string[] {
  const lines = seen.slice(0, refusalsShown).map(({ call, subject, errno, count }) => {
    const about = subject === '' ? '' : ` ${brief(subject)}`;
    return `    ${brief(call)}${about}: ${errno === 'SIGSYS' ? 'killed' : errno}${count > 1 ? `, ${count} times` : ''}`;
  });
  const rest = seen.length - refusalsShown;
  return rest > 0 ? [...lines, `    and ${rest} more (--format json has them all)`] : lines;
}

function remedyOf({ how, lines }: { how: string; lines: string[] }): string[] {
  if (lines.length === 0) return ['  No line of a unit file can let this through.'];
  return lines.map((line) => `  ${how.charAt(0).toUpperCase()}${how.slice(1)}: ${visible(line)}`);
}

function renderAttacks(
  what: string,
  { openBefore, openAfter, opened, notApplicable, things }: Attacks,
): string[] {
  const open = things.filter(({ after }) => after.length > 0);
  const closed = things.filter(({ after }) => after.length === 0);
  const before = things.filter((thing) => thing.before.length > 0);
  const never = notApplicable.length === 0 ? '' : ` ${notApplicable.length} ways nobody can go here.`;
  const lines = [
    `${what}: ${open.length} things are open to an attacker, of ${before.length} without it (${openAfter.length} ways of ${openBefore.length}).${never}`,
  ];
  if (opened.length > 0)
    lines.push(`Opened by it, which must not be: ${opened.map((id) => brief(id)).join(', ')}.`);
  const explained = new Map(openAfter.map((each) => [each.id, each]));
  for (const { title, after } of open) {
    lines.push('', `Open: ${brief(title)}`);
    for (const id of after) {
      const { title: way = '', says = null, why = '' } = explained.get(id) ?? {};
      lines.push(`  ${brief(id)}: ${brief(way)}`);
      if (says !== null) lines.push(`    ${brief(says.file)}:${says.line}: ${brief(says.text)}`);
      lines.push(`    ${brief(why, 300)}`);
    }
  }
  if (closed.length > 0) lines.push('', 'Closed, and open without it:');
  for (const { title, before: ways } of closed)
    lines.push(`  ${brief(title)}${ways.length === 1 ? '' : ` (${ways.length} ways)`}`);
  return lines;
}
