import { fileURLToPath } from 'node:url';
import type { UnitHost } from './unit-host.ts';
import { literalWord } from './unit-word.ts';

/** The program itself, in dist/. */
const program = fileURLToPath(new URL('../../cli.js', import.meta.url));

/** A unit that runs while another one is traced: it keeps the traces small, and ends the tracing before they grow too large. */
export function companionText(unit: string, { isUser }: UnitHost): string {
  const words = [process.execPath, program, 'service', 'tend', ...(isUser ? ['--user'] : []), unit];
  return [
    '# Written by sandbox-profile, and removed by `service finish` and `service reset`.',
    '[Unit]',
    `Description=Keeps the traces of ${unit} small (sandbox-profile)`,
    '[Service]',
    `ExecStart=${words.map(literalWord).join(' ')}`,
    'Restart=on-failure',
    'RestartSec=10',
    'Nice=10',
    '',
  ].join('\n');
}
