#!/usr/bin/env node
/**
 * Remakes test/documentation/score-weights.json: how much each row of `systemd-analyze security` weighs, asked of this host's
 * systemd (250 or newer). With SYSTEMD_ANALYZE_DEBUG it writes the weights beside the rows:
 * https://github.com/systemd/systemd/blob/v252/src/analyze/analyze-security.c (assess)
 *
 *   node scripts/score-weights.mjs
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const version = execFileSync('systemd-analyze', ['--version'], { encoding: 'utf8' }).split('\n', 1)[0];
const directory = mkdtempSync(join(tmpdir(), 'score-weights-'));
try {
  const unit = join(directory, 'bare.service');
  writeFileSync(unit, '[Service]\nExecStart=/bin/true\n');
  const args = ['security', '--offline=true', '--json=short', unit];
  const env = { ...process.env, SYSTEMD_ANALYZE_DEBUG: '1' };
  const rows = JSON.parse(execFileSync('systemd-analyze', args, { env, encoding: 'utf8' }));
  // What does not apply to a unit of root has the greatest number of 64 bits for its badness, and does not count.
  const total = rows.filter(({ badness }) => badness < 2 ** 63).reduce((sum, { weight }) => sum + weight, 0);
  // systemd 252 writes one name with a bracket that belongs to nothing.
  const weights = Object.fromEntries(rows.map((row) => [row.json_field.replace(')', ''), row.weight]));
  const source = `${version}: SYSTEMD_ANALYZE_DEBUG=1 systemd-analyze security --offline=true --json=short, of a unit with ExecStart= alone`;
  const text = JSON.stringify({ source, total, weights }, null, 2);
  writeFileSync(new URL('../test/documentation/score-weights.json', import.meta.url), `${text}\n`);
} finally {
  rmSync(directory, { recursive: true });
}
