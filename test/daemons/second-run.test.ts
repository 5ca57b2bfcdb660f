import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { probeFile } from '../../src/attacks/probe-file.ts';
import { machineNeeds } from '../../src/systemd/machine.ts';
import { cli } from '../cli/start-cli.ts';
import { attacksOn, faultsOf, openIn } from './attacks-open.ts';
import { installed } from './daemons.ts';
import { dropInsOf } from './drop-ins-of.ts';
import { packaged } from './packaged.mjs';
import { isAll, mayLack } from './required.ts';
import { secondRun } from './second-run.ts';
import { missed, type Row, readTable, renderTable, rowOf, withTable, worseThan } from './table.ts';

const missing = await machineNeeds();
const file = new URL('../../docs/second-run.md', import.meta.url).pathname;
const page = readFileSync(file, 'utf8');
const before = new Map(readTable(page).map((row) => [row.unit, row]));
/** Where there is no compiler there is no probe, and where there is no probe nobody is attacked. */
const noProbe = lackOfProbe();

/**
 * The package's own unit, traced for its start and one request; then, in another machine, under the drop-in, what was not traced:
 * reload, log rotation, large input and output, many clients, restart, crash, a boot, stop. And what an attacker inside can still do,
 * without a drop-in and under that of each level.
 */
describe.skipIf(mayLack(missing))(
  `what a trace of one request did not show (${missing ?? 'each daemon in machines of its own'})`,
  () => {
    const measured = new Map<string, Row>();
    /** In the order of the suite; of those that were not run now, as the page has them. */
    const rows = () => packaged.flatMap(({ unit }) => measured.get(unit) ?? before.get(unit) ?? []);
    afterAll(() => {
      if (isAll) process.stdout.write(`${renderTable(rows())}\n`);
    });

    for (const daemon of packaged) {
      const absent = [...Object.keys(daemon.needs), cli].find((each) => !installed(each));
      const isLeft = !isAll && daemon.isQuick !== true;
      const why = isLeft ? ' (npm run daemons)' : absent === undefined ? '' : ` (no ${absent} here)`;
      test.skipIf(isLeft || mayLack(absent))(
        `${daemon.unit} passes every check under its drop-in${why}`,
        async () => {
          expect(absent, 'what the daemon needs and is not here').toBeUndefined();
          const concluded = await dropInsOf(daemon);
          const { dropIns } = concluded;
          const outcome = await secondRun(daemon, dropIns);
          const attacks = mayLack(noProbe) ? [] : await attacksOn(daemon, concluded);
          const row = rowOf(daemon, outcome, openIn(attacks));
          measured.set(daemon.unit, row);
          const failed = Object.entries(outcome.checks).filter(([, words]) => words !== '');
          expect(failed, `${outcome.journal}\n${dropIns[daemon.level ?? 'balanced']}`).toEqual([]);
          expect(faultsOf(attacks)).toEqual([]);
          expect(worseThan(before.get(daemon.unit), row)).toEqual([]);
        },
        300_000,
      );
    }

    test.skipIf(!isAll)(
      'the page says what was measured, and the goals are met (npm run daemons)',
      async () => {
        expect(missed(rows())).toBeUndefined();
        await expect(withTable(page, rows())).toMatchFileSnapshot(file);
      },
    );
  },
);

function lackOfProbe(): string | undefined {
  try {
    probeFile();
    return undefined;
  } catch (error) {
    return String(error);
  }
}
