import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { machineNeeds } from '../../src/systemd/machine.ts';
import { type Conformance, conform } from './conform.ts';
import { rootOf, suites } from './other-systems.ts';
import { knownDifferences, readPage, renderPage, withResults } from './page.ts';
import { contradictions, mustBeListed } from './page-check.ts';
import { allProbes, type NumberedProbe, nameOf } from './table.ts';
import type { Verdict } from './verdict.ts';

/**
 * Law 7: what `denies` says and what a running systemd does agree on every probe. One act for each drop-in and user is tried each
 * time, with this host's systemd; all of them, also with others', with CONFORMANCE=all (`npm run conformance`), which holds the
 * page against them, and fails where no machine can be started. PROBES=words picks those whose directive or lines have these words
 * in them.
 */
const missing = await machineNeeds();
const tryAll = process.env.CONFORMANCE === 'all';
const picked = process.env.PROBES;
const page = new URL('../../docs/conformance.md', import.meta.url).pathname;

const table = await allProbes();
const probes =
  picked === undefined
    ? tryAll
      ? table
      : quickOf(table)
    : table.filter((probe) => nameOf(probe).includes(picked));
const systems = tryAll ? ['this host', ...suites] : ['this host'];

describe.skipIf(missing !== undefined && !tryAll)(
  `the models of the directives and systemd (${missing ?? 'in throw-away machines'})`,
  () => {
    const results: Conformance[] = [];

    for (const system of systems)
      test(`agree on every probe: ${system}`, async (context) => {
        const found = system === 'this host' ? { root: undefined } : await rootOf(system);
        if ('missing' in found) return context.skip(found.missing);
        const result = await conform(probes, found.root);
        const wrong = result.verdicts.flatMap(differenceOf);
        if (tryAll) console.log(summaryOf(result));
        expect(wrong).toEqual([]);
        results.push(result);
      }, 1_800_000);

    test.runIf(tryAll)('the page says what they did (`--update` writes it)', async () => {
      const before = readPage(await readFile(page, 'utf8'));
      const agreement = withResults(before, results, table, results.length === systems.length);
      await expect(renderPage(agreement, knownDifferences(table))).toMatchFileSnapshot(page);
    });
  },
);

test('the page says nothing that the table of probes does not', async () => {
  const text = await readFile(page, 'utf8');
  const agreement = readPage(text);
  expect(contradictions(agreement, table)).toEqual([]);
  expect(renderPage(agreement, mustBeListed(text, agreement, table))).toBe(text);
});

/** One act of each drop-in, as each user: the last, since the first is often the same for all. */
function quickOf(all: readonly NumberedProbe[]): NumberedProbe[] {
  const picked = new Map(all.map((probe) => [nameOf({ ...probe, act: '' }), probe]));
  return [...picked.values()];
}

function differenceOf({ probe, difference }: Verdict): string[] {
  return difference === undefined ? [] : [`${nameOf(probe)}: ${difference}`];
}

function summaryOf({ systemd, verdicts }: Conformance): string {
  const known = verdicts.filter(({ isKnown }) => isKnown).length;
  const wrong = verdicts.flatMap(differenceOf);
  return [
    `systemd ${systemd}: ${verdicts.length - known - wrong.length} of ${verdicts.length} probes agree, ${known} known differences, ${wrong.length} new ones`,
    ...wrong,
  ].join('\n');
}
