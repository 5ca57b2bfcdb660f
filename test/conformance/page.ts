import type { Conformance } from './conform.ts';
import type { NumberedProbe } from './table.ts';

export interface Count {
  agreed: number;
  all: number;
}

/** By directive, then by version of systemd. */
export type Agreement = Map<string, Map<number, Count>>;

const begin = '| directive |';

/** What the page says already: a version that is not tried again keeps its column. */
export function readPage(text: string): Agreement {
  const lines = text.split('\n');
  const head = lines.find((line) => line.startsWith(begin)) ?? begin;
  const versions = cellsOf(head)
    .slice(1)
    .map((cell) => Number(cell.replace('systemd ', '')));
  const agreement: Agreement = new Map();
  const from = lines.indexOf(head) + 2;
  for (const line of lines.slice(from)) {
    if (!line.startsWith('|')) break;
    const [directive = '', ...cells] = cellsOf(line);
    const counts = new Map<number, Count>();
    for (const [at, version] of versions.entries()) {
      const [agreed, all] = (cells[at] ?? '').split(' of ').map(Number);
      if (agreed !== undefined && all !== undefined) counts.set(version, { agreed, all });
    }
    if (directive !== 'all') agreement.set(directive, counts);
  }
  return agreement;
}

const cellsOf = (line: string) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

/** A probe that goes on to differ, in its words, and why it stays so. */
export interface KnownDifference {
  directive: string;
  what: string;
  why: string;
  differsIn(version: number): boolean;
}

export function knownDifferences(table: readonly NumberedProbe[]): KnownDifference[] {
  return table.flatMap(({ directive, user, unit = [], lines, act, differs }) => {
    if (differs === undefined) return [];
    const as = user === undefined ? '' : `${user}: `;
    const what = `${as}\`${[...unit, ...lines].join(', ')}\`: \`${act}\``;
    return [{ directive, what, why: differs.why, differsIn: differs.in ?? (() => true) }];
  });
}

/** How many probes each directive has, in the order of the table. */
export function sizesOf(table: readonly NumberedProbe[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { directive } of table) sizes.set(directive, (sizes.get(directive) ?? 0) + 1);
  return sizes;
}

/**
 * Puts what was tried in the place of what was there: a directive counts where all of its probes were. Where every system was
 * tried, there are no other columns.
 */
export function withResults(
  before: Agreement,
  results: readonly Conformance[],
  table: readonly NumberedProbe[],
  hasAllSystems: boolean,
): Agreement {
  const tried = new Set(results.map(({ systemd }) => systemd));
  const after: Agreement = new Map();
  for (const [directive, all] of sizesOf(table)) {
    const kept = [...(before.get(directive) ?? [])].filter(
      ([version]) => !hasAllSystems || tried.has(version),
    );
    const counts = new Map(kept);
    for (const { systemd, verdicts } of results) {
      const own = verdicts.filter(({ probe }) => probe.directive === directive);
      const agreed = own.filter(({ isKnown, difference }) => !isKnown && difference === undefined);
      if (own.length === all) counts.set(systemd, { agreed: agreed.length, all });
    }
    if (counts.size > 0) after.set(directive, counts);
  }
  return after;
}

/** The whole page. */
export function renderPage(agreement: Agreement, known: readonly KnownDifference[]): string {
  const versions = versionsOf(agreement);
  const shown = (count: Count | undefined) => (count === undefined ? '' : `${count.agreed} of ${count.all}`);
  const total = (version: number) => {
    const counts = [...agreement.values()].flatMap((each) => each.get(version) ?? []);
    const sum = (of: (count: Count) => number) => counts.reduce((before, count) => before + of(count), 0);
    return { agreed: sum(({ agreed }) => agreed), all: sum(({ all }) => all) };
  };
  return [
    '# What the models say, and what systemd does',
    '',
    'Every directive has a model of what it refuses (`denies` in `src/directives/plugins`). A probe is one act under one drop-in. It is done under',
    'strace without the drop-in, where it must work; that trace and the drop-in are judged as `check` judges them; then a running systemd does the',
    'act under the drop-in. What it meets (nothing, an errno, a signal, or no start) must be what the models say.',
    '',
    '`npm run conformance` tries all of it, and fails where this page says something else; with `-- --update` it writes the page. It needs root, and',
    'mmdebstrap for versions other than the own one. A new probe is one entry in a file of `test/conformance/probes`, where each directive has one;',
    '`PROBES=LockPersonality npm run conformance -- --update` tries those with this word in them, and writes the rows of which it tried all.',
    '',
    row(['directive', ...versions.map((version) => `systemd ${version}`)]),
    `|${'---|'.repeat(versions.length + 1)}`,
    ...[...agreement].map(([directive, counts]) =>
      row([directive, ...versions.map((version) => shown(counts.get(version)))]),
    ),
    row(['all', ...versions.map((version) => shown(total(version)))]),
    '',
    '## Known differences',
    'Each of these probes must go on to differ, or it is taken out of the list. They are done as root, or as who stands before them.',
    '',
    row(['directive', 'probe', 'systemd', 'why it stays so']),
    '|---|---|---|---|',
    ...known.map((difference) => differenceRow(difference, versions)),
    '',
  ].join('\n');
}

const row = (cells: readonly string[]) =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

export function differenceRow(
  { directive, what, why, differsIn }: KnownDifference,
  versions: readonly number[],
): string {
  const those = versions.filter(differsIn);
  return row([directive, what, those.length === versions.length ? 'all' : those.join(', '), why]);
}

/** The versions of which the page has a column. */
export function versionsOf(agreement: Agreement): number[] {
  const all = new Set([...agreement.values()].flatMap((counts) => [...counts.keys()]));
  return [...all].sort((a, b) => a - b);
}
