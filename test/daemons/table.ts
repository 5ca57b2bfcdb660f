import type { Open } from './attacks-open.ts';
import type { Packaged } from './packaged-daemon.ts';
import type { Outcome } from './second-run.ts';

/** A row of the table in docs/second-run.md, by its columns. */
export type Row = Readonly<Record<(typeof columns)[number], string>>;

const columns = [
  'unit',
  'level',
  'checks passed',
  'failed',
  'without',
  'minimal',
  'balanced',
  'relaxed',
  'open without',
  'open at minimal',
  'open at balanced',
  'open at relaxed',
] as const;
const scores = ['minimal', 'balanced', 'relaxed'] as const;
/** Numbers that may not rise. At relaxed what is open is only listed. */
const held = [...scores, 'open at minimal', 'open at balanced'] as const;

/**
 * What the drop-ins may leave at the most, in the mean over those for which that is a goal: the score, each daemon at its own level,
 * and the things that are open to an attacker at balanced.
 */
const goals = { score: 2.3, open: 8 };
const counted: ReadonlySet<string> = new Set(
  ['apache2', 'dnsmasq', 'files', 'nginx', 'php8.2-fpm', 'redis-server', 'ssh', 'unbound'].map(
    (name) => `${name}.service`,
  ),
);

export function rowOf(
  { unit, level = 'balanced' }: Packaged,
  { checks, exposure }: Outcome,
  open: Open,
): Row {
  const all = Object.entries(checks);
  const failed = all.filter(([, words]) => words !== '').map(([name]) => name);
  const passed = `${all.length - failed.length} of ${all.length}`;
  const { alone, ...levels } = exposure;
  return {
    ...{ unit, level, 'checks passed': passed, failed: failed.join(', ') || '–' },
    ...{ without: alone, ...levels },
    'open without': open.alone,
    'open at minimal': open.minimal,
    'open at balanced': open.balanced,
    'open at relaxed': open.relaxed,
  };
}

/** What is worse than the page says: a number that rose. What has none in the page is new. */
export function worseThan(before: Row | undefined, after: Row): string[] {
  return held
    .filter((column) => numberOf(after, column) > numberOf(before, column))
    .map((column) => `${column} rose from ${before?.[column]} to ${after[column]}`);
}

/** The first number of a cell; NaN where there is none. */
function numberOf(row: Row | undefined, column: keyof Row): number {
  return Number.parseFloat(row?.[column] ?? '');
}

/** The table with its header, and the mean, as they stand in the page. */
export function renderTable(rows: readonly Row[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const known = rows.filter(({ unit }) => counted.has(unit));
  const names = known.map(({ unit }) => unit.replace('.service', '')).join(', ');
  const { score, open } = meansOf(rows);
  const absent = absentOf(rows);
  return [
    line(columns),
    `|${'---|'.repeat(columns.length)}`,
    ...rows.map((row) => line(columns.map((column) => row[column]))),
    '',
    absent.length > 0
      ? `Mean of ${names}: none, for ${absent.join(', ')} did not run.`
      : `Mean of ${names}: each at its level ${score.toFixed(3)} (goal: ${goals.score}), open at balanced ${open.toFixed(3)} (goal: ${goals.open}).`,
  ].join('\n');
}

/** Why a goal is not met; undefined where all are. */
export function missed(rows: readonly Row[]): string | undefined {
  const absent = absentOf(rows);
  if (absent.length > 0) return `There is no row for ${absent.join(', ')}.`;
  const means = meansOf(rows);
  const all = [...Object.entries(goals)].filter(
    ([name, goal]) => !(means[name as keyof typeof goals] <= goal + 1e-9),
  );
  if (all.length === 0) return undefined;
  return all
    .map(([name, goal]) => `The mean of ${name} is ${means[name as keyof typeof goals]}, the goal ${goal}.`)
    .join(' ');
}

function absentOf(rows: readonly Row[]): string[] {
  return [...counted].filter((unit) => !rows.some((row) => row.unit === unit));
}

function meansOf(rows: readonly Row[]): typeof goals {
  const known = rows.filter(({ unit }) => counted.has(unit));
  const mean = (columnOf: (row: Row) => keyof Row) =>
    known.reduce((sum, row) => sum + numberOf(row, columnOf(row)), 0) / known.length;
  return {
    score: mean(({ level }) => level as (typeof scores)[number]),
    open: mean(() => 'open at balanced'),
  };
}

const table = /^\| unit \|.*\n\|---.*\n(?:\|.*\n)*\nMean of .*$/m;

/** The rows of the page; none where it has no table. */
export function readTable(page: string): Row[] {
  const lines = (table.exec(page)?.[0] ?? '').split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) => {
    const cells = line.split('|').slice(1, -1);
    return Object.fromEntries(columns.map((column, at) => [column, cells[at]?.trim() || '–'])) as Row;
  });
}

/** The page with other rows. */
export function withTable(page: string, rows: readonly Row[]): string {
  if (!table.test(page)) throw new Error('docs/second-run.md has no table.');
  return page.replace(table, () => renderTable(rows));
}
