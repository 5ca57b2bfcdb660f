#!/usr/bin/env node
/**
 * What watching costs a server, and how long logs take to read: as ratios of runs that took turns, since no two machines are alike.
 *
 *   npm run bench                     everything; some twenty minutes, and 5 GB of disk
 *   npm run bench -- --only replay    overhead, replay or start-up
 *   npm run bench -- --quick          short runs, to see whether it works
 *   npm run bench -- -o FILE          the figures of each run, as JSON; bench.json unless given
 *
 * As root, with redis-server, nginx, wrk and strace. TMPDIR says where the logs lie meanwhile.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { markdownTable } from 'markdown-table';
import yargs from 'yargs';
import { overhead } from './bench/overhead.mjs';
import { replay } from './bench/replay.mjs';
import { clean, endServers } from './bench/servers.mjs';
import { startUp } from './bench/start-up.mjs';

const parts = { overhead, replay, 'start-up': startUp };
const { only, quick, output } = await yargs(process.argv.slice(2))
  .option('only', { choices: Object.keys(parts), describe: 'Only this part' })
  .option('quick', { type: 'boolean', default: false, describe: 'Short runs' })
  .option('output', { alias: 'o', type: 'string', default: 'bench.json', describe: 'Where the figures go' })
  .strict().argv;

const sizes = quick
  ? { rounds: 1, seconds: 1, requests: 5_000, small: 10, large: 20 }
  : { rounds: 3, seconds: 3, requests: 50_000, small: 100, large: 1000 };
const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const workshop = mkdtempSync(join(tmpdir(), 'sandbox-profile-bench-'));
process.on('exit', () => {
  endServers();
  clean(workshop);
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
process.on('uncaughtException', (error) => {
  process.stderr.write(`bench: ${error.message.split('\n')[0]}\n`);
  process.exit(1);
});

const found = {
  date: new Date().toISOString(),
  node: process.version,
  kernel: release(),
  cores: cpus().length,
  sizes,
  parts: {},
};
const lines = [['what', 'value', 'to reach', '']];
for (const [name, measure] of Object.entries(parts)) {
  if (only !== undefined && only !== name) continue;
  const { rows, details } = await measure(cli, workshop, sizes);
  found.parts[name] = { rows, details };
  for (const { what, value, least, most } of rows) {
    const reach = least !== undefined ? `≥ ${least}` : most !== undefined ? `≤ ${most}` : '';
    const holds =
      reach === '' ? '' : value >= (least ?? -Infinity) && value <= (most ?? Infinity) ? 'yes' : 'no';
    lines.push([what, value.toPrecision(3), reach, holds]);
  }
}
process.stdout.write(`${markdownTable(lines, { align: ['l', 'r', 'r', 'l'] })}\n`);
writeFileSync(output, `${JSON.stringify(found, null, 1)}\n`);
