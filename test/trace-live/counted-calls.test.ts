import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, test } from 'vitest';
import type { Profile } from '../../src/profile/profile.ts';
import { cli } from '../cli/start-cli.ts';
import { buildThirtyTwoBitPrograms } from '../strace-versions/thirty-two-bit-programs.ts';
import { kernelMissing } from './kernel-here.ts';

/** What the kernel counts, against what strace counts where it stops for every call. */

const folder = mkdtempSync(join(tmpdir(), 'counted-calls-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function counted(way: string[], command: string[]): Promise<Pick<Profile, 'syscalls' | 'unwatched'>> {
  const saved = join(folder, 'profile.json');
  rmSync(saved, { force: true });
  const output = ['--force', '-o', join(folder, 'made.conf'), '--profile', saved];
  await execa(process.execPath, [cli, ...way, ...output, '--', ...command], { stdio: 'ignore' });
  return JSON.parse(readFileSync(saved, 'utf8')) as Profile;
}

async function expectSameCounts(command: string[]): Promise<Record<string, number>> {
  const counts = ({ syscalls }: Pick<Profile, 'syscalls'>) =>
    Object.fromEntries(Object.entries(syscalls).map(([name, { count }]) => [name, count]));
  const told = await counted(['--observer', 'bpf'], command);
  const exact = counts(await counted(['--exact'], command));
  expect(counts(told)).toEqual(exact);
  expect(told.unwatched).toEqual([]);
  return exact;
}

const { narrow, mixed, missing } = await buildThirtyTwoBitPrograms(folder);
const narrowMissing = kernelMissing ?? (missing || undefined);

describe.skipIf(kernelMissing !== undefined)(
  `each call is counted by the kernel (${kernelMissing ?? 'all there'})`,
  () => {
    test('also calls that do not return, and returns from signal handlers, which leave no number behind', async () => {
      const script = 'trap : USR1; kill -USR1 $$; kill -USR1 $$; /bin/true';
      const { exit_group, rt_sigreturn } = await expectSameCounts(['/bin/sh', '-c', script]);
      expect(exit_group).toBeGreaterThan(0);
      expect(rt_sigreturn).toBeGreaterThan(1);
    });
  },
);

describe.skipIf(narrowMissing !== undefined)(
  `where the kernel tells nothing, strace stops (${narrowMissing ?? 'all there'})`,
  () => {
    test('a 32-bit program', async () => {
      expect(await expectSameCounts([narrow])).toHaveProperty('getuid32', 1);
    });

    test('a 64-bit program that makes 32-bit calls', async () => {
      expect(await expectSameCounts([mixed])).toHaveProperty('open', 1);
    });
  },
);
