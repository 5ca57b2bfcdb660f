import { expect, test } from 'vitest';
import { evaluateFilter, meaningOf } from '../../src/syscall-groups/evaluate.ts';
import { groupsOfVersion } from '../../src/syscall-groups/version-groups.ts';

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
