import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, test } from 'vitest';
import type { Profile } from '../../src/profile/profile.ts';
import { readPaths, settingsOf } from '../samples/sample-logs.ts';
import { straceOfReleases } from './releases.ts';
import { buildThirtyTwoBitPrograms } from './thirty-two-bit-programs.ts';

/** Calls of the 32-bit ABI in a trace on x86-64: strace tells of them on its stderr, but not in a file of its own (-o). */

const folder = mkdtempSync(join(tmpdir(), 'thirty-two-bits-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { narrow, mixed, missing } = await buildThirtyTwoBitPrograms(folder);

const releases = (await straceOfReleases()).map((release) => {
  const why = release.why || missing;
  return { ...release, why, name: why === '' ? release.name : `${release.name} (skipped: ${why})` };
});

async function profileOf(strace: string, flags: string[], command: string[]): Promise<Profile> {
  const set = join(folder, 'set');
  rmSync(set, { recursive: true, force: true });
  mkdirSync(set);
  const log = join(set, 'log');
  const toFile = flags.includes('-o');
  const { stderr } = await execa(strace, [...flags, ...(toFile ? [log] : []), ...command], {
    encoding: 'latin1',
  });
  if (!toFile) writeFileSync(log, stderr, 'latin1');
  const { profile, unread } = await readPaths([flags.includes('-ff') ? set : log]);
  expect(unread).toEqual([]);
  return profile;
}

function architecturesOf(profile: Profile): string[] {
  return settingsOf(profile, 'balanced', 252)
    .settings.filter(({ directive }) => directive === 'SystemCallArchitectures')
    .flatMap(({ assignments }) => assignments.flatMap(({ words }) => words));
}

/** With `-o` last: its file is appended. */
const ways = [
  ['-f', '-o'],
  ['-f'],
  ['-ff', '-o'],
  ['-o'],
  [],
  ['-f', '-tt', '-i', '-n', '-y', '-o'],
  ['-f', '-X', 'raw'],
];

describe.each(releases)('$name', ({ strace, why }) => {
  test.skipIf(why !== '').each(ways.map((flags) => ({ flags })))(
    'a 32-bit program under $flags',
    async ({ flags }) => {
      const profile = await profileOf(strace, flags, [narrow]);
      expect(Object.keys(profile.abis)).toEqual(['32 bit']);
      expect(Object.keys(profile.syscalls)).toEqual([
        'close',
        'execve',
        'exit',
        'getpid',
        'getuid32',
        'open',
      ]);
      expect(profile.paths['/etc/hostname']?.read?.call).toBe('open');
      expect(architecturesOf(profile)).toEqual(['native', 'x86']);
    },
  );

  test.skipIf(why !== '').each(ways.map((flags) => ({ flags })))(
    'a 64-bit program that makes 32-bit calls under $flags',
    async ({ flags }) => {
      const profile = await profileOf(strace, flags, [mixed]);
      expect(Object.keys(profile.abis)).toEqual(['32 bit']);
      expect(Object.keys(profile.syscalls)).toEqual([
        'execve',
        'exit',
        'getpid',
        'getuid',
        'getuid32',
        'open',
      ]);
      expect(architecturesOf(profile)).toEqual(['native', 'x86']);
      // The marks say it of both calls, the names of one.
      if (!flags.includes('-o')) expect(profile.abis['32 bit']?.count).toBe(2);
    },
  );

  test.skipIf(why !== '')('a 32-bit child of a 64-bit shell', async () => {
    const profile = await profileOf(strace, ['-f'], ['sh', '-c', `${narrow}; true`]);
    // All calls of the child after its execve, none of the shell.
    expect(profile.abis['32 bit']?.count).toBe(5);
  });

  test.skipIf(why !== '')('a program of 64 bits', async () => {
    const profile = await profileOf(strace, ['-f'], ['true']);
    expect(profile.abis).toEqual({});
    expect(architecturesOf(profile)).toEqual(['native']);
  });
});
