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
] as const;
const scores = ['minimal', 'balanced', 'relaxed'] as const;

/** What the drop-ins may cost at the most, each daemon at its own level: the mean over those for which that is a goal. */
const goal = 2.3;
const counted: ReadonlySet<string> = new Set(
  ['apache2', 'dnsmasq', 'files', 'nginx', 'php8.2-fpm', 'redis-server', 'ssh', 'unbound'].map(
    (name) => `${name}.service`,
  ),
);

export function rowOf({ unit, level = 'balanced' }: Packaged, { checks, exposure }: Outcome): Row {
  const all = Object.entries(checks);
  const failed = all.filter(([, words]) => words !== '').map(([name]) => name);
  const passed = `${all.length - failed.length} of ${all.length}`;
  const { alone, ...levels } = exposure;
  return {
    ...{ unit, level, 'checks passed': passed, failed: failed.join(', ') || '–' },
    ...{ without: alone, ...levels },
  };
}

/** What is worse than the page says: a score at any level that rose. A daemon without a row is new. */
export function worseThan(before: Row | undefined, after: Row): string[] {
  if (before === undefined) return [];
  return scores
    .filter((level) => !(Number(after[level]) <= Number(before[level])))
    .map((level) => `${level} rose from ${before[level]} to ${after[level]}`);
}

/** The table with its header, and the mean, as they stand in the page. */
export function renderTable(rows: readonly Row[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const known = rows.filter(({ unit }) => counted.has(unit));
  const mean = meanOf(rows);
  return [
    line(columns),
    `|${'---|'.repeat(columns.length)}`,
    ...rows.map((row) => line(columns.map((column) => row[column]))),
    '',
    `Mean of ${known.map(({ unit }) => unit.replace('.service', '')).join(', ')}, each at its level: ${mean.toFixed(3)} (goal: ${goal}).`,
  ].join('\n');
}

/** Why the goal is not met; undefined where it is. */
export function missed(rows: readonly Row[]): string | undefined {
  const missing = [...counted].filter((unit) => !rows.some((row) => row.unit === unit));
  if (missing.length > 0) return `There is no row for ${missing.join(', ')}.`;
  return meanOf(rows) > goal + 1e-9 ? `The mean is ${meanOf(rows)}, the goal ${goal}.` : undefined;
}

function meanOf(rows: readonly Row[]): number {
  const known = rows.filter(({ unit }) => counted.has(unit));
  const sum = known.reduce((before, row) => before + Number(row[row.level as (typeof scores)[number]]), 0);
  return sum / known.length;
}

const table = /^\| unit \|.*\n\|---.*\n(?:\|.*\n)*\nMean of .*$/m;

/** The rows of the page; none where it has no table. */
export function readTable(page: string): Row[] {
  const lines = (table.exec(page)?.[0] ?? '').split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) => {
    const cells = line.split('|').slice(1, -1);
    return Object.fromEntries(columns.map((column, at) => [column, cells[at]?.trim() ?? ''])) as Row;
  });
}

/** The page with other rows. */
export function withTable(page: string, rows: readonly Row[]): string {
  if (!table.test(page)) throw new Error('docs/second-run.md has no table.');
  return page.replace(table, () => renderTable(rows));
}
