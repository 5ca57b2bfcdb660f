import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { neighbours } from '../../src/commands/neighbours.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'neighbours-'));
  const files: Record<string, string> = {
    'usr/lib/systemd/system/other.service': `[Service]\nExecStart=/usr/bin/true\nRuntimeDirectory=other other/sub:link\nStateDirectory=%p\nLogsDirectory=`,
    'usr/lib/systemd/system/many@.service':
      '[Service]\nExecStart=/usr/bin/true\nRuntimeDirectory=many-%i many',
    'usr/lib/systemd/system/asked.socket':
      '[Socket]\nListenStream=/var/run/asked\nListenStream=80\nListenFIFO=/run/fifo',
    // What starts the daemon is no other service, nor is the socket for it.
    'usr/lib/systemd/system/own.service': `[Service]\nExecStart=${process.execPath}\nRuntimeDirectory=own`,
    'usr/lib/systemd/system/door.socket': '[Socket]\nListenStream=/run/door\nService=own.service',
    'usr/lib/tmpfiles.d/a.conf': 'd /run/shadowed\nf /run/file',
    'etc/tmpfiles.d/a.conf': 'd /run/made 0755\nd /srv/elsewhere',
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(root, dirname(path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
});
afterAll(() => rm(root, { recursive: true }));

test('directories and sockets of other units, and what tmpfiles.d makes, are told with who says so', () => {
  expect(neighbours(root, process.execPath)).toEqual({
    '/run/asked': ['asked.socket'],
    '/run/fifo': ['asked.socket'],
    '/run/made': ['a.conf'],
    '/run/many': ['many@.service'],
    '/run/other': ['other.service'],
    '/run/other/sub': ['other.service'],
    '/var/lib/other': ['other.service'],
  });
});

test('of a program that no unit starts every unit is another', () => {
  expect(neighbours(root, '')).toMatchObject({ '/run/own': ['own.service'], '/run/door': ['door.socket'] });
});
