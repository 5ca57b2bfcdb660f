#!/usr/bin/env node
/**
 * Remakes src/attacks/data/closers.json: which attacks each directive closes all by itself, measured in a throw-away machine of
 * this host. Run it as root after `npm run build`; it takes some minutes.
 *
 *   node scripts/attack-closers.mjs && npx biome check --write src/attacks/data
 *
 * A line that closes nothing, or that this host's systemd does not have, is not in the file.
 */
import { writeFileSync } from 'node:fs';

const { bootMachine } = await import('../dist/systemd/machine.js');
const { closingLines } = await import('../dist/attacks/closing-lines.js');
const { measureClosers } = await import('../dist/attacks/measure-closers.js');

const rows = [];
for (let at = 0; at < closingLines.length; at += 25) {
  const some = closingLines.slice(at, at + 25);
  const machine = await bootMachine();
  try {
    const closed = await measureClosers(machine, some);
    for (const [index, { directive, line, besides }] of some.entries()) {
      if (closed[index].length > 0) rows.push({ directive, line, besides, closes: closed[index] });
      process.stderr.write(`${line}: ${closed[index].length}\n`);
    }
  } finally {
    await machine.stop();
  }
}
const text = rows.map((row) => `  ${JSON.stringify(row)}`).join(',\n');
writeFileSync(new URL('../src/attacks/data/closers.json', import.meta.url), `[\n${text}\n]\n`);
