import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, describe, expect, test } from 'vitest';
import type { Profile } from '../../src/profile/profile.ts';
import { cli } from '../cli/start-cli.ts';
import { isRoot, missing } from '../profile/compiled.ts';

/** What the kernel counts, against what strace counts where it stops for every call. */

const folder = mkdtempSync(join(tmpdir(), 'counted-calls-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const hasKernel = existsSync(new URL('../../dist/trace/kernel-observer', import.meta.url));
const why =
  missing ??
  (isRoot ? undefined : 'it needs root') ??
  (hasKernel ? undefined : 'the kernel observer was not built');

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

/** Without libc, so that what they do is the same each time: see test/strace-versions. */
async function built(name: string, flags: string[]): Promise<string | undefined> {
  const source = fileURLToPath(new URL(`../strace-versions/${name}.S`, import.meta.url));
  const program = join(folder, name);
  const all = [...flags, '-nostdlib', '-static', '-no-pie', '-o', program, source];
  // Another processor, or a kernel without 32-bit programs.
  return execa('cc', all)
    .then(() => execa(program))
    .then(
      () => program,
      () => undefined,
    );
}
const narrow = why === undefined ? await built('narrow', ['-m32']) : undefined;
const mixed = why === undefined ? await built('mixed', []) : undefined;
const whyNarrow =
  why ?? (narrow === undefined || mixed === undefined ? 'no 32-bit programs here' : undefined);

describe.skipIf(why !== undefined)(`each call is counted by the kernel (${why ?? 'all there'})`, () => {
  test('also calls that do not return, and returns from signal handlers, which leave no number behind', async () => {
    const script = 'trap : USR1; kill -USR1 $$; kill -USR1 $$; /bin/true';
    const { exit_group, rt_sigreturn } = await expectSameCounts(['/bin/sh', '-c', script]);
    expect(exit_group).toBeGreaterThan(0);
    expect(rt_sigreturn).toBeGreaterThan(1);
  });
});

describe.skipIf(whyNarrow !== undefined)(
  `where the kernel tells nothing, strace stops (${whyNarrow ?? 'all there'})`,
  () => {
    test('a 32-bit program', async () => {
      expect(await expectSameCounts([String(narrow)])).toHaveProperty('getuid32', 1);
    });

    test('a 64-bit program that makes 32-bit calls', async () => {
      expect(await expectSameCounts([String(mixed)])).toHaveProperty('open', 1);
    });
  },
);
