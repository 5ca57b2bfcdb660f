import { existsSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { probeFile } from '../../src/attacks/probe-file.ts';
import { machineNeeds } from '../../src/systemd/machine.ts';
import { faultsOf, judged, openAt, rowOfAttacks } from './attacks-open.ts';
import { installed } from './daemons.ts';
import { packaged } from './packaged.ts';
import { attacksOn, dropInsOf, type Outcome, secondRun } from './second-run.ts';

const missing = await machineNeeds();
const isAll = process.env.DAEMONS === 'all';
/** Where there is no compiler there is no probe, and where there is no probe nobody is attacked. */
const isProbed = hasProbe();
const cli = new URL('../../dist/cli.js', import.meta.url).pathname;

/**
 * The package's own unit, traced for its start and one request; then, in another machine, under the drop-in, what was not traced:
 * reload, log rotation, large input and output, many clients, restart, crash, stop.
 */
describe.skipIf(missing !== undefined)(
  `what a trace of one request did not show (${missing ?? 'each daemon in machines of its own'})`,
  () => {
    const rows: string[] = [];
    const attackRows: string[] = [];
    const open = new Map<string, number>();
    afterAll(() => {
      if (isAll) process.stdout.write(`${[...rows, '', ...attackRows].join('\n')}\n`);
    });

    for (const daemon of packaged) {
      const absent = [...daemon.programs, cli].find((program) => !installed(program));
      const isLeft = !isAll && daemon.isQuick !== true;
      const why = isLeft ? ' (npm run daemons)' : absent === undefined ? '' : ` (no ${absent} here)`;
      test.skipIf(isLeft || absent !== undefined || !existsSync(cli))(
        `${daemon.unit} passes every check under its drop-in${why}`,
        async () => {
          const level = daemon.level ?? 'balanced';
          const concluded = await dropInsOf(daemon);
          const { dropIns } = concluded;
          const outcome = await secondRun(daemon, dropIns);
          rows.push(rowOf(daemon.unit, level, outcome));
          const failed = Object.entries(outcome.checks).filter(([, words]) => words !== '');
          expect(failed, `${outcome.journal}\n${dropIns[level]}`).toEqual([]);
          expect(Number(outcome.exposure[level])).toBeLessThanOrEqual(daemon.mostExposed);
          if (!isProbed) return;
          const attacks = await attacksOn(daemon, concluded);
          attackRows.push(rowOfAttacks(daemon.unit, attacks));
          if (judged.has(daemon.unit)) open.set(daemon.unit, openAt('balanced', attacks));
          expect(faultsOf(attacks)).toEqual([]);
        },
        300_000,
      );
    }

    test.skipIf(!isAll || !isProbed)(
      `of ${judged.size} daemons, 8 things or less are open to an attacker at balanced, in the mean`,
      () => {
        expect([...open.keys()].sort()).toEqual([...judged].sort());
        const mean = [...open.values()].reduce((sum, count) => sum + count, 0) / open.size;
        process.stdout.write(`open at balanced, in the mean: ${mean}\n`);
        expect(mean).toBeLessThanOrEqual(8);
      },
    );
  },
);

/** A row of docs/second-run.md. */
function rowOf(unit: string, level: string, { checks, exposure }: Outcome): string {
  const all = Object.entries(checks);
  const failed = all.filter(([, words]) => words !== '').map(([name]) => name);
  const passed = `${all.length - failed.length} of ${all.length}`;
  const scores = ['alone', 'minimal', 'balanced', 'relaxed'].map((each) => exposure[each]);
  return `| ${[unit, level, passed, failed.join(', ') || '–', ...scores].join(' | ')} |`;
}

function hasProbe(): boolean {
  try {
    return probeFile() !== '';
  } catch {
    return false;
  }
}
