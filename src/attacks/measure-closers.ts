import type { Machine } from '../systemd/machine.ts';
import type { ClosingLine } from './closing-lines.ts';
import { runProbe } from './run-probe.ts';

const unit = 'sandbox-profile-measured.service';

/**
 * What a line closes all by itself, for root and with nothing else set but what it needs beside it.
 * @param lines for each measurement, of one machine
 * @returns for each, the attacks that are open without the line and closed with it, whatever else is beside it; sorted by the table
 */
export async function measureClosers(machine: Machine, lines: readonly ClosingLine[]): Promise<string[][]> {
  await machine.writeFile(`/etc/systemd/system/${unit}`, '[Service]\nExecStart=/usr/bin/sleep 1\n');
  const closedBy = async (line: string, more: string) => {
    const program = line.startsWith('NoExecPaths=') ? 'ExecPaths=/usr/bin/sleep' : '';
    const text = ['[Service]', 'SystemCallErrorNumber=EPERM', more, program, line, ''].join('\n');
    const results = await runProbe(machine, unit, text);
    return results.filter(({ outcome }) => outcome === 'closed').map(({ id }) => id);
  };
  const closed: string[][] = [];
  for (const { line, besides } of lines) {
    const other = besides === undefined ? [] : await closedBy(besides, '');
    closed.push((await closedBy(line, besides ?? '')).filter((id) => !other.includes(id)));
  }
  return closed;
}
