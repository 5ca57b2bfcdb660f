import { describe, expect, test } from 'vitest';
import { closers } from '../../src/attacks/attack-table.ts';
import { closingLines } from '../../src/attacks/closing-lines.ts';
import { measureClosers } from '../../src/attacks/measure-closers.ts';
import { probeFile } from '../../src/attacks/probe-file.ts';
import { runProbe } from '../../src/attacks/run-probe.ts';
import { bootMachine, machineNeeds } from '../../src/systemd/machine.ts';
import { hostLacks } from './host-lacks.ts';

function builtProbe(): string | undefined {
  try {
    return probeFile();
  } catch {
    return undefined;
  }
}
const missing = builtProbe() === undefined ? 'the probe is not built' : await machineNeeds();
const isAll = process.env.ATTACKS === 'all';
/** The first of each directive; all of them take some minutes. */
const sample = closingLines.filter(
  ({ directive }, at) => isAll || closingLines.findIndex((line) => line.directive === directive) === at,
);

describe.skipIf(missing !== undefined)(`what a line closes (${missing ?? 'it can be measured'})`, () => {
  test(`each of ${sample.length} of ${closingLines.length} lines closes exactly what the table says${isAll ? '' : ' (ATTACKS=all for all)'}`, async () => {
    const machine = await bootMachine();
    try {
      const measured = await measureClosers(machine, sample);
      const possible = new Set(
        (await runProbe(machine, 'sandbox-profile-measured.service'))
          .filter(({ outcome }) => outcome === 'open')
          .map(({ id }) => id),
      );
      // What some hosts have nothing for is in the table as far as the host of the table had it.
      const judged = (ids: readonly string[]) => ids.filter((id) => possible.has(id) && !hostLacks.has(id));
      const table = closers().filter(({ source }) => source === undefined);
      const differences = sample.flatMap(({ line, besides }, at) => {
        const said = table.find((row) => row.line === line && row.besides === besides)?.closes ?? [];
        const now = judged(measured[at] ?? []);
        const wanted = judged(said);
        const lost = wanted.filter((id) => !now.includes(id));
        const won = now.filter((id) => !wanted.includes(id));
        return lost.length + won.length === 0 ? [] : [{ line, lost, won }];
      });
      expect(differences).toEqual([]);
    } finally {
      await machine.stop();
    }
  }, 600_000);
});
