import { expect, test } from 'vitest';
import type { Level } from '../../src/directives/context.ts';
import { emptyProfile } from '../../src/profile/empty-profile.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { settingsOf } from '../samples/sample-logs.ts';

const evidence = { call: 'setresgid', first: { source: 'log', line: 1 }, count: 1, as: ['0'] };

/** A mail server on a machine where /var/mail is a link, as Red Hat has it, to a directory of group 12. */
function mailServer(call: string, to: string, mode = '2775'): Profile {
  return {
    ...emptyProfile(),
    sources: [
      { name: 'log', how: 'traced', program: '/usr/sbin/maild', architecture: 'x86-64', uid: 0, gid: 0 },
    ],
    syscalls: { [call]: { count: 1, first: evidence.first } },
    credentials: [{ call, from: '?', to, evidence }],
    files: {
      '/var/mail': {
        real: ['/var/spool/mail'],
        kind: ['directory'],
        owner: [`0:12:${mode}`],
        needs: [],
        format: [],
      },
    },
  };
}

function writableFor(profile: Profile, level: Level = 'balanced'): string[] {
  return settingsOf(profile, level, 252).settings.flatMap(({ assignments }) =>
    assignments.flatMap(({ key, words }) => (/^(?:ReadWrite|Bind)Paths$/.test(key) ? words : [])),
  );
}

test.each([
  ['setresgid', '1001:1001:12'],
  ['setgroups', '1001,12'],
  ['setgid', '12:12:12'],
])('mailboxes may be written by whoever took on their group: %s %s', (call, to) => {
  expect(writableFor(mailServer(call, to))).toContain('/var/spool/mail');
});

test('not where the group has no right to write, at minimal, or for who is in another group', () => {
  expect(writableFor(mailServer('setgid', '12:12:12', '0755'))).toEqual([]);
  expect(writableFor(mailServer('setgid', '12:12:12'), 'minimal')).toEqual([]);
  expect(writableFor(mailServer('setgroups', '1001,121'))).toEqual([]);
  expect(writableFor(mailServer('setresuid', '12:12:12'))).toEqual([]);
});
