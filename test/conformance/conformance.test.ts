import { expect, test } from 'vitest';
import { machineNeeds } from '../../src/systemd/machine.ts';
import { conform } from './conform.ts';
import { allProbes } from './table.ts';

const missing = await machineNeeds();

/** Law 7: what `denies` says and what a running systemd does agree on every probe. */
test.skipIf(missing !== undefined)(
  `the models of the directives and systemd agree on every probe (${missing ?? 'in a throw-away machine'})`,
  async () => {
    const { systemd, verdicts } = await conform(
      (await allProbes()).filter(({ directive, lines }) =>
        new RegExp(process.env.PROBES ?? '').test([directive, ...lines].join(' ')),
      ),
      process.env.CONFORMANCE_ROOT,
    );
    const wrong = verdicts.flatMap(({ probe, difference }) =>
      difference === undefined
        ? []
        : [
            `${systemd}: ${probe.user ?? 'root'}: ${[...(probe.unit ?? []), ...probe.lines].join(', ')}: ${probe.act}: ${difference}`,
          ],
    );
    console.log(verdicts.length, wrong.join('\n'));
    expect(wrong).toEqual([]);
  },
  300_000,
);
