import type { Machine } from '../systemd/machine.ts';
import type { ClosingLine } from './closing-lines.ts';
import { runProbe } from './run-probe.ts';

const unit = 'sandbox-profile-measured.service';

/**
 * What a line closes all by itself, for root and with nothing else set.
 * @param lines for each measurement, of one machine
 * @returns for each, the attacks that are open without the line and closed with it; sorted by the table
 */
export async function measureClosers(machine: Machine, lines: readonly ClosingLine[]): Promise<string[][]> {
  await machine.writeFile(`/etc/systemd/system/${unit}`, '[Service]\nExecStart=/usr/bin/sleep 1\n');
  const closed: string[][] = [];
  for (const { line, besides = '' } of lines) {
    const more = `[Service]\nSystemCallErrorNumber=EPERM\n${besides}\n${line.startsWith('NoExecPaths=') ? 'ExecPaths=/usr/bin/sleep\n' : ''}${line}\n`;
    const results = await runProbe(machine, unit, more);
    closed.push(results.filter(({ outcome }) => outcome === 'closed').map(({ id }) => id));
  }
  return closed;
}
