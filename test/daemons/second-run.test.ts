import { existsSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { machineNeeds } from '../../src/systemd/machine.ts';
import { installed } from './daemons.ts';
import { packaged } from './packaged.ts';
import { dropInsOf, type Outcome, secondRun } from './second-run.ts';

const missing = await machineNeeds();
const isAll = process.env.DAEMONS === 'all';
const cli = new URL('../../dist/cli.js', import.meta.url).pathname;

/**
 * The package's own unit, traced for its start and one request; then, in another machine, under the drop-in, what was not traced:
 * reload, log rotation, large input and output, many clients, restart, crash, stop.
 */
describe.skipIf(missing !== undefined)(
  `what a trace of one request did not show (${missing ?? 'each daemon in machines of its own'})`,
  () => {
    const rows: string[] = [];
    afterAll(() => {
      if (isAll) process.stdout.write(`${rows.join('\n')}\n`);
    });

    for (const daemon of packaged) {
      const absent = [...daemon.programs, cli].find((program) => !installed(program));
      const isLeft = !isAll && daemon.isQuick !== true;
      const why = isLeft ? ' (npm run daemons)' : absent === undefined ? '' : ` (no ${absent} here)`;
      test.skipIf(isLeft || absent !== undefined || !existsSync(cli))(
        `${daemon.unit} passes every check under its drop-in${why}`,
        async () => {
          const level = daemon.level ?? 'balanced';
          const dropIns = await dropInsOf(daemon);
          const outcome = await secondRun(daemon, dropIns);
          rows.push(rowOf(daemon.unit, level, outcome));
          const failed = Object.entries(outcome.checks).filter(([, words]) => words !== '');
          expect(failed, `${outcome.journal}\n${dropIns[level]}`).toEqual([]);
          expect(Number(outcome.exposure[level])).toBeLessThanOrEqual(daemon.mostExposed);
        },
        240_000,
      );
    }
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
