import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findStrace, straceVersion } from '../../src/trace/live/find-strace.ts';
import { installCommandFor } from '../../src/trace/live/install-command.ts';
import { straceArguments } from '../../src/trace/live/strace-arguments.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'find-'));
});
afterAll(() => rm(directory, { recursive: true }));

test('a missing strace is said with what to do, one that does not work with where it is', async () => {
  await expect(findStrace('/nowhere')).rejects.toThrow(/^strace was not found in PATH; install /);
  await writeFile(join(directory, 'strace'), '#!/bin/sh\necho 42\n', { mode: 0o755 });
  await expect(findStrace(directory)).rejects.toThrow(`${directory}/strace does not answer`);
});

test('versions of releases and of builds from git are read', () => {
  expect(straceVersion('strace -- version 6.1\nCopyright')).toEqual({ major: 6, minor: 1 });
  expect(straceVersion('strace -- version 5.16.0.3.a1b2c3')).toEqual({ major: 5, minor: 16 });
  expect(straceVersion('strace -- version v4.26')).toEqual({ major: 4, minor: 26 });
  expect(straceVersion('bash: strace: not found')).toBeUndefined();
});

test.each([
  ['PRETTY_NAME="Debian"\nID=debian\n', 'apt-get install strace'],
  ['ID="linuxmint"\nID_LIKE="ubuntu debian"\n', 'apt-get install strace'],
  ['ID=rocky\nID_LIKE="rhel centos fedora"\n', 'dnf install strace'],
  ['ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', 'zypper install strace'],
  ['ID="opensuse-slowroll"\n', 'zypper install strace'],
  ['ID=arch\n', 'pacman -S strace'],
  ['ID=alpine\n', 'apk add strace'],
  ['ID=constructor\n', undefined],
  ['', undefined],
])('the install command follows os-release %j', (text, command) => {
  expect(installCommandFor(text, 'strace')).toBe(command);
});

test('a strace that can stop for some calls only does so, around a program of ours', () => {
  const flags = (major: number, minor: number, pids?: number[]) =>
    straceArguments({ version: { major, minor }, output: '/x', unwatched: ['read', 'write'], pids }).join(
      ' ',
    );
  expect(flags(5, 3)).toContain('--seccomp-bpf -e trace=!?read,?write');
  expect(flags(5, 2)).toMatch(/^(?!.*--seccomp-bpf).* -e trace=!\?read,\?write /);
  expect(flags(6, 2, [7])).toMatch(/^(?!.*--seccomp-bpf).* -p 7$/);
});
