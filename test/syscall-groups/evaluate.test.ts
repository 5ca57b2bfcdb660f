import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { architectureOf, existsOn } from '../../src/syscall-groups/architectures.ts';
import { evaluateFilter, meaningOf } from '../../src/syscall-groups/evaluate.ts';
import { groupsOfHost } from '../../src/syscall-groups/host-groups.ts';
import { groupsOfVersion } from '../../src/syscall-groups/version-groups.ts';
import { hostSystemd } from '../../src/systemd/host-version.ts';

const groups = groupsOfVersion(252);
const evaluate = (...assignments: string[]) => evaluateFilter(assignments, groups);
const own = (...assignments: string[]) => {
  const { mode, listed } = evaluate(...assignments);
  return [mode, ...[...listed].filter((name) => !groups.members('@default').has(name)).sort()].join(' ');
};

test('the first assignment decides between allow list and deny list', () => {
  expect(own('read write', '~write')).toBe('allow read');
  expect(own('~mkdir rmdir', 'mkdir')).toBe('deny rmdir');
  expect(own('~@mount', '@system-service')).toMatch(/^deny chroot fsconfig/);
  expect(own()).toBe('none');
});

test('an empty assignment starts again', () => {
  expect(own('~@mount', '', 'read')).toBe('allow read');
  expect(own('read', '')).toBe('none');
  expect(evaluate('read', '').allows('mount')).toBe(true);
});

test('@default is in every allow list, can be taken away, and is in no deny list', () => {
  expect(evaluate('read').allows('execve')).toBe(true);
  expect(evaluate('read', '~execve').allows('execve')).toBe(false);
  expect(evaluate('~read').allows('execve')).toBe(true);
});

test('a refused call can have an errno or kill of its own, which a later word takes back', () => {
  const filter = evaluate('@system-service', '~@privileged:EPERM clone3:ENOSYS', '~setns:kill', 'setuid');
  expect(filter.allows('clone3')).toBe(false);
  expect(filter.actions.get('clone3')).toBe('ENOSYS');
  expect(filter.actions.get('chown')).toBe('EPERM');
  expect(filter.actions.get('setns')).toBe('kill');
  expect(filter.allows('setuid')).toBe(true);
  expect(filter.actions.has('setuid')).toBe(false);
  expect(evaluate('~read:EPERM write').actions).toEqual(new Map([['read', 'EPERM']]));
});

test('words that systemd skips are told, and change nothing', () => {
  const filter = evaluate('read write:EPERM @nonsense no_such_call', '~read:ENOTANERRNO mmap:5000');
  expect(filter.allows('read') && !filter.allows('write') && filter.allows('mmap')).toBe(true);
  expect(filter.skipped.map(({ word }) => word)).toEqual([
    'write:EPERM',
    '@nonsense',
    'no_such_call',
    'read:ENOTANERRNO',
    'mmap:5000',
  ]);
});

test('without an allow list the meaning is every call but the refused ones', () => {
  const meaning = meaningOf([], ['@mount'], groups);
  expect(meaning.has('mount')).toBe(false);
  expect(meaning.has('reboot')).toBe(true);
});

const installed = await hostSystemd();
const host = installed === undefined ? undefined : await groupsOfHost(installed.version);
const native = architectureOf(process.arch);

/** The groups of which systemd's score says that a unit with these assignments can call a member. */
async function openGroups(assignments: string[]): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'sandbox-profile-filter-'));
  try {
    const unit = join(directory, 'sandbox-profile-filter.service');
    const lines = assignments.map((value) => `SystemCallFilter=${value}`);
    await writeFile(unit, ['[Service]', 'ExecStart=/bin/true', ...lines, ''].join('\n'));
    const { stdout } = await execa('systemd-analyze', ['security', '--offline=yes', '--json=short', unit], {
      env: { LC_ALL: 'C', SYSTEMD_LOG_LEVEL: 'err' },
    });
    const items = JSON.parse(stdout) as { set: boolean; name: string }[];
    const prefix = 'SystemCallFilter=~';
    return items
      .filter(({ set, name }) => !set && name.startsWith(prefix))
      .map(({ name }) => name.slice(prefix.length));
  } finally {
    await rm(directory, { recursive: true });
  }
}

// Oracle: `systemd-analyze security --offline` (since 250) and its own reading of the same assignments.
test.skipIf(host === undefined || host.version < 250)(
  'systemd reads the same assignments alike',
  async () => {
    if (host === undefined) return;
    const scored = words(
      '@swap @resources @reboot @raw-io @privileged @obsolete @mount @module @debug @cpu-emulation @clock',
    );
    const word = fc.oneof(
      fc.constantFrom(...scored, '@system-service', '@known', '@nonsense'),
      fc.constantFrom(...scored.flatMap((group) => [...host.members(group)])),
    );
    const action = fc.constantFrom('', '', '', ':EPERM', ':kill', ':5000');
    const list = fc.array(
      fc.tuple(word, action).map((parts) => parts.join('')),
      { minLength: 1, maxLength: 6 },
    );
    const value = fc
      .tuple(fc.constantFrom('', '', '~'), list)
      .map(([tilde, names]) => tilde + names.join(' '));
    const assignments = fc.array(fc.oneof({ weight: 8, arbitrary: value }, fc.constant('')), {
      minLength: 1,
      maxLength: 4,
    });

    for (const values of fc.sample(assignments, { numRuns: 40, seed: 7 })) {
      const filter = evaluateFilter(values, host);
      // The score passes over calls that the architecture does not have.
      const open = scored.filter((group) =>
        [...host.members(group)].some(
          (name) => host.known(name) && existsOn(native, name) && filter.allows(name),
        ),
      );
      expect((await openGroups(values)).sort(), values.join(' | ')).toEqual(open.sort());
    }
  },
);

function words(text: string): string[] {
  return text.split(' ');
}
