import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRoot } from '../../src/paths/root.ts';
import type { Act } from '../../src/profile/acts.ts';
import { describeFiles } from '../../src/profile/describe-files.ts';
import { emptyProfile } from '../../src/profile/empty-profile.ts';
import type { Profile } from '../../src/profile/profile.ts';

let root: string;
const server = createServer();
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sandbox-profile-files-'));
  for (const path of ['run/d/one/two', 'etc/d', 'usr/share/d', 'var/log/d', 'var/lib/p'])
    await mkdir(join(root, path), { recursive: true, mode: 0o755 });
  await writeFile(join(root, 'run/d/one/two/file'), '');
  await new Promise<void>((done) => server.listen(join(root, 'run/d/socket'), done));
});
afterAll(async () => {
  server.close();
  await rm(root, { recursive: true, force: true });
});

const evidence = { call: 'openat', first: { source: 'log', line: 1 }, count: 1 };

function factsOf(done: Record<string, Act>, told: Partial<Profile> = {}): ReturnType<typeof describeFiles> {
  const paths = Object.entries(done).map(([path, act]) => [path, { [act]: evidence }] as const);
  return describeFiles({ ...emptyProfile(), ...told, paths: Object.fromEntries(paths) }, openRoot(root));
}
function kindsOf(done: Record<string, Act>, told: Partial<Profile> = {}): Record<string, string[]> {
  return Object.fromEntries(Object.entries(factsOf(done, told)).map(([path, { kind }]) => [path, kind]));
}

test('each directory above a changed path is looked at, up to the shared place', () => {
  expect(kindsOf({ '/run/d/one/two/file': 'write' })).toEqual({
    '/run/d': ['directory'],
    '/run/d/one': ['directory'],
    '/run/d/one/two': ['directory'],
    '/run/d/one/two/file': ['file'],
  });
});

test('what is only read where services keep their own tells whose it is; what lies elsewhere brings no more', () => {
  expect(Object.keys(kindsOf({ '/run/d/one/two/file': 'read' }))).toEqual([
    '/run/d',
    '/run/d/one',
    '/run/d/one/two',
    '/run/d/one/two/file',
  ]);
  expect(kindsOf({ '/usr/share/d/e/f': 'read' })).toEqual({});
  expect(Object.keys(kindsOf({ '/usr/share/d/e/f': 'write' }))).toEqual([
    '/usr/share/d/e',
    '/usr/share/d/e/f',
  ]);
});

test('a link that was only opened, where what it leads to was mapped: a library by the name that its programs know', async () => {
  await mkdir(join(root, 'usr/lib'), { recursive: true });
  await writeFile(join(root, 'usr/lib/libd.so.1.2'), '');
  await symlink('usr/lib', join(root, 'lib'));
  await symlink('libd.so.1.2', join(root, 'usr/lib/libd.so.1'));
  const link = '/lib/libd.so.1';
  expect(factsOf({ [link]: 'read', '/usr/lib/libd.so.1.2': 'map' })[link]?.real).toEqual([
    '/usr/lib/libd.so.1.2',
  ]);
  expect(kindsOf({ [link]: 'read' })).toEqual({});
});

test('sockets that were bound or connected to', () => {
  for (const act of ['bind', 'connect'] as const)
    expect(kindsOf({ '/run/d/socket': act })).toMatchObject({ '/run/d/socket': ['socket'] });
});

test('what packages say is looked at', () => {
  const prepared = { '/var/lib/p': [{ kind: 'directory' as const, owner: '0:0:0755', by: 'a' }] };
  const rotated = { '/var/log/d': [{ logs: '*.log', by: 'a' }] };
  expect(kindsOf({}, { prepared, rotated })).toEqual({
    '/var/lib/p': ['directory'],
    '/var/log/d': ['directory'],
  });
});
