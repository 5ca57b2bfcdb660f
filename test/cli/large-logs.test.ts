import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Profile } from '../../src/profile/profile.ts';
import { linesOf, readPaths, sampleLog } from '../samples/sample-logs.ts';
import { emptyDirectory, run } from './start-cli.ts';

/** Long enough to be read by a thread of its own: src/commands/read-apart.ts */
function longLog(path: string, name: string): string {
  const [file = ''] = sampleLog(name).files;
  const lines = linesOf(file).slice(1);
  const writing =
    '77 write(1, "the same again and again, for as long as it takes to make the log long", 70) = 70\n';
  // While its first process lives it writes and writes.
  const [first = '', ...rest] = lines;
  const pid = first.split(' ')[0] ?? '';
  writeFileSync(
    path,
    Buffer.from(`${first}\n${writing.replace('77', pid).repeat(110_000)}${rest.join('\n')}\n`, 'latin1'),
  );
  return path;
}

test('large logs, read by threads of their own, come to what they come to in one thread', async () => {
  const directory = emptyDirectory();
  const logs = ['nginx', 'memcached'].map((name) => longLog(join(directory, `${name}.strace`), name));
  const saved = join(directory, 'profile.json');
  const args = ['replay', '--root', 'none', '-o', join(directory, 'made.conf'), '--profile', saved, ...logs];
  expect((await run(args)).status).toBe(0);
  const apart = JSON.parse(readFileSync(saved, 'utf8')) as Profile;
  const { profile } = await readPaths(logs);
  expect(apart).toEqual(JSON.parse(JSON.stringify(profile)));
  expect(apart.syscalls.write?.count).toBeGreaterThan(220_000);
});

test('what is wrong with a large log is said in one sentence, as of any other', async () => {
  const directory = emptyDirectory();
  const log = join(directory, 'broken.strace.gz');
  writeFileSync(log, Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(9 * 1024 * 1024, 7)]));
  const { status, stderr } = await run(['replay', log]);
  expect(status).toBe(1);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).toContain('the gzip data is damaged or cut off');
});
