import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { read } from '../trace/reading.ts';
import { straceOfReleases } from './releases.ts';
import { Workshop } from './workshop.ts';

/** Each strace counts the calls that it logs (`-C`): its own table says what our count must be. */

const releases = await straceOfReleases();
const shop = new Workshop();
const work = mkdtempSync(join(tmpdir(), 'strace-versions-counts-'));
beforeAll(() => (releases.some(({ why }) => why === '') ? shop.build() : undefined));
afterAll(() => {
  shop.remove();
  rmSync(work, { recursive: true, force: true });
});

/** The rows of the tables at the end: `  0.00    0.000000           0         8         2 read`. */
function tableOf(log: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const row of log.slice(log.indexOf('\n% time')).split('\n')) {
    const cells = /^ *\d+\.\d+ +\d+\.\d+ +\d+ +(\d+) +(?:\d+ +)?(\S+)$/.exec(row);
    if (cells !== null && cells[2] !== 'total') counts[String(cells[2])] = Number(cells[1]);
  }
  return counts;
}

/** strace leaves out what never returned, and counts a call again when it is restarted. */
function countsOf(log: string): Record<string, number> {
  const reading = read(log);
  expect(reading.unread).toEqual([]);
  const counts: Record<string, number> = {};
  for (const event of reading.events) {
    if (event.kind !== 'call' || (event.result.text === '?' && event.result.errno === undefined)) continue;
    counts[event.name] = (counts[event.name] ?? 0) + 1;
  }
  return counts;
}

const server = `
import http.server, threading, urllib.request
s = http.server.ThreadingHTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler)
threading.Thread(target=s.serve_forever, daemon=True).start()
url = 'http://127.0.0.1:%d/' % s.server_port
for _ in range(2): urllib.request.urlopen(url).read()
s.shutdown()
`;
const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';

describe.each(releases)('$name', ({ strace, why }) => {
  test.skipIf(why !== '').each([
    { what: 'one program', flags: [], command: () => [shop.program, shop.home, shop.notes] },
    {
      what: 'one program with annotations',
      flags: ['-yy', '-tt', '-T'],
      command: () => [shop.program, shop.home, shop.notes],
    },
    { what: 'a server with threads', flags: ['-s', '300', '-y'], command: () => [python, '-c', server] },
  ])('$what: our count is its table', async ({ flags, command }) => {
    shop.clean();
    const target = join(work, 'log');
    await execa(strace, ['-f', '-C', ...flags, '-o', target, ...command()], { stdio: 'ignore', cwd: work });
    const log = readFileSync(target, 'latin1');
    const table = tableOf(log);
    expect(Object.keys(table).length).toBeGreaterThan(15);
    expect(countsOf(log)).toEqual(table);
  });
});
