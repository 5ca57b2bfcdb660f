import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { closedPlaces } from '../../src/commands/closed-places.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'closed-'));
});
afterEach(() => rm(root, { recursive: true }));

test('what not everybody may read below /etc is what find says, with a closed directory in place of what is in it', async () => {
  await execa('sh', [
    '-c',
    `cd "$1" && mkdir -p etc/a/b etc/shut etc/deep && echo x > etc/a/open && echo x > etc/a/b/key && chmod 600 etc/a/b/key &&
     echo x > etc/shut/in && chmod 700 etc/shut && chmod 600 etc/shut/in && ln -s ../shut etc/a/link && mkfifo -m 600 etc/a/pipe &&
     chmod 644 etc/a/open && chmod 755 etc etc/a etc/a/b etc/deep && echo x > "etc/a/two words" && chmod 640 "etc/a/two words"`,
    'sh',
    root,
  ]);
  const { stdout } = await execa('find', [
    `${root}/etc`,
    ...['(', '-type', 'f', '-o', '-type', 'd', ')', '!', '-perm', '-o=r', '-prune', '-printf', '/etc/%P\n'],
  ]);
  expect(Object.keys(closedPlaces(root)).sort()).toEqual(stdout.split('\n').sort());
  expect(closedPlaces(root)['/etc/a/b/key']?.[0]).toMatch(/:0600$/);
});

test('a machine without /etc has none', () => {
  expect(closedPlaces(join(root, 'nowhere'))).toEqual({});
});
