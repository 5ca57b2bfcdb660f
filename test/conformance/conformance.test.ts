import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { machineNeeds } from '../../src/systemd/machine.ts';
import { type Conformance, conform } from './conform.ts';
import { rootOf, suites } from './other-systems.ts';
import { readPage, renderPage, withResult } from './page.ts';
import { allProbes, type NumberedProbe } from './table.ts';
import type { Verdict } from './verdict.ts';

/**
 * Law 7: what `denies` says and what a running systemd does agree on every probe. One act for each drop-in and user is tried each
 * time, with this host's systemd; all of them, also with others', with CONFORMANCE=all (`npm run conformance`), which writes the
 * page, and fails where no machine can be started. PROBES=words picks those whose directive or lines have these words in them.
 */
const missing = await machineNeeds();
const tryAll = process.env.CONFORMANCE === 'all';
const picked = process.env.PROBES;
const page = new URL('../../docs/conformance.md', import.meta.url);

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
    for (const system of systems)
      test(`agree on every probe: ${system}`, async (context) => {
        const found = system === 'this host' ? { root: undefined } : await rootOf(system);
        if ('missing' in found) return context.skip(found.missing);
        const result = await conform(probes, found.root);
        const wrong = result.verdicts.flatMap(differenceOf);
        if (tryAll) {
          console.log(summaryOf(result));
          if (picked === undefined) await writePage(result);
        }
        expect(wrong).toEqual([]);
      }, 900_000);
  },
);

test('the page lists the probes and the known differences that there are', async () => {
  const text = await readFile(page, 'utf8');
  const agreement = readPage(text);
  expect(renderPage(agreement, knownDifferences())).toBe(text);
  const counted = [...agreement].map(([directive, counts]) => [directive, counts.get(252)?.all]);
  const there = new Map<string, number>();
  for (const { directive } of table) there.set(directive, (there.get(directive) ?? 0) + 1);
  expect(counted).toEqual([...there]);
});

/** One act of each drop-in, as each user: the last, since the first is often the same for all. */
function quickOf(all: readonly NumberedProbe[]): NumberedProbe[] {
  const picked = new Map(all.map((probe) => [nameOf({ ...probe, act: '' }), probe]));
  return [...picked.values()];
}

function nameOf({ directive, user = 'root', unit = [], lines, act }: NumberedProbe): string {
  return `${directive}: ${user}: ${[...unit, ...lines].join(', ')}: ${act}`;
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

function knownDifferences() {
  return table.flatMap(({ directive, lines, act, differs }) =>
    differs === undefined
      ? []
      : [{ directive, what: `\`${lines.join(', ')}\`: \`${act}\``, why: differs.why }],
  );
}

async function writePage(result: Conformance): Promise<void> {
  const before = readPage(await readFile(page, 'utf8').catch(() => ''));
  await writeFile(page, renderPage(withResult(before, result), knownDifferences()));
}
