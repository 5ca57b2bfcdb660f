import { describe, expect, test } from 'vitest';
import { judge } from '../../src/directives/judge.ts';
import { renderAssignment } from '../../src/emit/drop-in.ts';
import { emptyProfile } from '../../src/profile/empty-profile.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { readBack } from '../samples/read-back.ts';
import { contextFor, settingsOf } from '../samples/sample-logs.ts';

/** What a systemd does not know it passes over; what it knows protects something. */

const ignoredBy = (systemd: number, line: string) => readBack(`[Service]\n${line}\n`, systemd).ignored;

describe('a value or key is ignored by what came before it, and by nothing else', () => {
  test.each([
    ['ProtectControlGroups=private', 256],
    ['ProtectControlGroups=strict', 256],
    ['ProtectHostname=private', 257],
    ['ProtectHostname=private:name', 257],
    ['ProtectHostname=yes:name', 257],
    ['SecureBits=no-cap-ambient-raise', 261],
    ['SecureBits=noroot exec-restrict-file-locked', 261],
    ['PrivateBPF=yes', 257],
    ['BindLogSockets=no', 256],
    ['RootMStack=/srv/x.mstack', 259],
    ['UserNamespacePath=/run/userns', 258],
  ])('%s: %i is the last that does not know it', (line, last) => {
    expect(ignoredBy(last, line)).not.toEqual([]);
    expect(ignoredBy(last + 1, line)).toEqual([]);
  });

  test('no systemd knows these', () => {
    for (const line of [
      'ProtectHostname=no:name',
      'ProtectHostname=strict',
      'SecureBits=noroot-locked-locked',
    ])
      expect(ignoredBy(262, line), line).not.toEqual([]);
  });

  test('what is ignored is not said not to be judged', () => {
    const notJudged = (systemd: number) =>
      judge(readBack('[Service]\nPrivateBPF=yes\n', systemd).values, emptyProfile(), contextFor(systemd))
        .notJudged;
    expect(notJudged(239)).toEqual([]);
    expect(notJudged(258)).toHaveLength(1);
  });
});

const evidence = { call: 'openat', first: { source: 'log', line: 1 }, count: 1 };
const whole: Profile = {
  ...emptyProfile(),
  sources: [{ name: 'log', how: 'traced', program: '/usr/sbin/daemon', architecture: 'x86-64' }],
};
const linesOf = (profile: Profile, systemd: number) =>
  settingsOf(profile, 'balanced', systemd)
    .settings.filter(({ directive }) => directive === 'ProtectControlGroups')
    .flatMap(({ assignments }) => assignments.flatMap(renderAssignment));

test('control groups: a tree of its own where none was looked at, with the older spelling before it', () => {
  expect(linesOf(whole, 256)).toEqual(['ProtectControlGroups=yes']);
  expect(linesOf(whole, 257)).toEqual(['ProtectControlGroups=yes', 'ProtectControlGroups=strict']);
  const looks: Profile = { ...whole, paths: { '/proc/self/cgroup': { read: evidence } } };
  expect(linesOf(looks, 257)).toEqual(['ProtectControlGroups=yes']);
  const writes: Profile = { ...whole, paths: { '/sys/fs/cgroup/a': { 'make-directory': evidence } } };
  expect(linesOf(writes, 257)).toEqual([]);
});
