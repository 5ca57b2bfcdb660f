import type { Conformance } from './conform.ts';

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

/** Puts the result of one version in the place of what was there. */
export function withResult(before: Agreement, { systemd, verdicts }: Conformance): Agreement {
  const after: Agreement = new Map();
  for (const { probe, isKnown, difference } of verdicts) {
    const counts = after.get(probe.directive) ?? new Map(before.get(probe.directive));
    if (!after.has(probe.directive)) counts.delete(systemd);
    after.set(probe.directive, counts);
    const count = counts.get(systemd) ?? { agreed: 0, all: 0 };
    count.all++;
    if (!isKnown && difference === undefined) count.agreed++;
    counts.set(systemd, count);
  }
  return after;
}

/** The whole page. `known` are the differences that the table of probes lists. */
export function renderPage(
  agreement: Agreement,
  known: readonly { directive: string; what: string; why: string }[],
): string {
  const versions = [...new Set([...agreement.values()].flatMap((counts) => [...counts.keys()]))].sort();
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
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
    'This page is written by `npm run conformance`, which needs root, and mmdebstrap for versions other than the own one. A new probe is one entry',
    'in a file of `test/conformance/probes`, where each directive has one.',
    '',
    row(['directive', ...versions.map((version) => `systemd ${version}`)]),
    `|${'---|'.repeat(versions.length + 1)}`,
    ...[...agreement].map(([directive, counts]) =>
      row([directive, ...versions.map((version) => shown(counts.get(version)))]),
    ),
    row(['all', ...versions.map((version) => shown(total(version)))]),
    '',
    '## Known differences',
    'Each of these probes must go on to differ, or it is taken out of the list.',
    '',
    row(['directive', 'probe', 'why it stays so']),
    '|---|---|---|',
    ...known.map(({ directive, what, why }) =>
      row([directive, what, why].map((cell) => cell.replaceAll('|', '\\|'))),
    ),
    '',
  ].join('\n');
}
