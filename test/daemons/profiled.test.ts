import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { minimalUnit } from '../../src/systemd/exec-start.ts';
import { bootMachine, type Machine, machineNeeds } from '../../src/systemd/machine.ts';
import { verifyDropIn } from '../../src/systemd/verify-unit.ts';
import { cli } from '../cli/start-cli.ts';
import { daemons, installed, programsOf } from './daemons.ts';
import { dropInOf } from './profile-daemon.ts';
import { isAll, mayLack } from './required.ts';
import { type Daemon, explain, serveUnder } from './serve-under.ts';

const missing = await machineNeeds();

/** By level; and with what narrows a drop-in further on request: three of these ways are left to `npm run daemons`. */
const ways = [
  ['--level', 'minimal'],
  ['--level', 'balanced'],
  ['--confine', '--level', 'minimal'],
  ...(isAll ? [['--level', 'relaxed'], ['--confine'], ['--network']] : []),
];

/**
 * The whole way, for daemons of five kinds: traced while it serves one request in a throw-away machine, its drop-in verified,
 * and the daemon started again under it, in another machine, by a unit that runs exactly the traced command.
 */
describe.skipIf(mayLack(missing))(`profiled daemons (${missing ?? 'each in a machine of its own'})`, () => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await bootMachine();
  });
  afterAll(async () => {
    await machine?.stop();
  });

  for (const options of ways) {
    for (const daemon of Object.values(daemons)) {
      const absent = [...programsOf(daemon), cli].find((program) => !installed(program));
      const why = absent === undefined ? '' : ` (skipped: ${absent} is not installed)`;
      test.skipIf(mayLack(absent))(
        `${daemon.name} serves again under its drop-in, ${options.join(' ')}${why}`,
        async () => {
          expect(absent, 'what the daemon needs and is not here').toBeUndefined();
          const dropIn = await dropInOf(daemon, options);
          expect(await verifyDropIn(minimalUnit(daemon.argv), dropIn)).toEqual([]);
          const served = await serveUnder(machine, asTraced(daemon, options), dropIn);
          expect(served.ok, `${explain(served)}\n${dropIn}`).toBe(true);
        },
        120_000,
      );
    }
  }
});

/** Nobody waits for a readiness message while a command is traced, so none is sent: `minimal` grants what was seen, and not that. */
function asTraced(daemon: Daemon, options: readonly string[]): Daemon {
  if (!options.includes('minimal') || daemon.lines === undefined) return daemon;
  return { ...daemon, lines: daemon.lines.map((line) => line.replace('Type=notify', 'Type=exec')) };
}
