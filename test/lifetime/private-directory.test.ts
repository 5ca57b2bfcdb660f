import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { holdInterrupts } from '../../src/lifetime/interrupt.ts';
import { makePrivateDirectory, sweepPrivateDirectories } from '../../src/lifetime/private-directory.ts';
import { pidNamespace, startTime } from '../../src/lifetime/process-identity.ts';

let parent: string;
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'private-'));
});
afterAll(() => rm(parent, { recursive: true }));

test('a sweep removes what dead owners of this host left, and nothing else', async () => {
  const ours = pidNamespace();
  const dead = `sandbox-profile-${process.pid}-1-${ours}-aaaaaa`;
  const kept = [
    `sandbox-profile-${process.pid}-${startTime(process.pid)}-${ours}-aaaaaa`,
    `sandbox-profile-${process.pid}-1-99-aaaaaa`,
    'sandbox-profile-notes',
    `x-sandbox-profile-${process.pid}-1-${ours}-aaaaaa`,
  ];
  for (const name of [dead, ...kept]) {
    await mkdir(join(parent, name));
    await writeFile(join(parent, name, 'trace'), 'x');
  }
  await symlink(join(parent, 'sandbox-profile-notes'), join(parent, dead.replace(/a+$/, 'bbbbbb')));
  sweepPrivateDirectories(parent);
  expect(readdirSync(parent).sort()).toEqual([...kept, dead.replace(/a+$/, 'bbbbbb')].sort());
  expect(existsSync(join(parent, 'sandbox-profile-notes', 'trace'))).toBe(true);
});

test('a private directory is ours alone, and no listener is left when the last one is gone', () => {
  const before = process.listenerCount('SIGTERM');
  const [one, two] = [makePrivateDirectory(parent), makePrivateDirectory(parent)];
  expect(statSync(one.path).mode & 0o7777).toBe(0o700);
  expect(process.listenerCount('SIGTERM')).toBe(before + 1);
  one.remove();
  two.remove();
  expect(existsSync(one.path)).toBe(false);
  expect(process.listenerCount('SIGTERM')).toBe(before);
});

test('while interrupts are held, one of them removes nothing', async () => {
  const held = holdInterrupts();
  const directory = makePrivateDirectory(parent);
  try {
    const heard = new Promise<void>((resolve) => held.listen(resolve));
    process.kill(process.pid, 'SIGHUP');
    await heard;
    expect(existsSync(directory.path)).toBe(true);
  } finally {
    directory.remove();
    held.release();
  }
});
