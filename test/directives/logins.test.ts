import { describe, expect, test } from 'vitest';
import type { Level } from '../../src/directives/context.ts';
import type { Setting } from '../../src/directives/directive.ts';
import { denialsOf } from '../../src/directives/settings.ts';
import { subjectOf } from '../../src/emit/behaviour-text.ts';
import { openRoot } from '../../src/paths/root.ts';
import type { Act } from '../../src/profile/acts.ts';
import { describeFiles, passwordHelpers } from '../../src/profile/describe-files.ts';
import { emptyProfile } from '../../src/profile/empty-profile.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { settingsOf } from '../samples/sample-logs.ts';

/** What a login needs, where nobody logged in while the daemon was traced. */

const evidence = (call: string) => ({ call, first: { source: 'log', line: 1 }, count: 1, as: ['0'] });
const file = (path: string, needs: string[] = []) => ({
  real: [path],
  kind: ['file'],
  owner: ['0:0:0755'],
  needs,
  format: ['elf64'],
});
const libraries = '/usr/lib/x86_64-linux-gnu';
const libpam = `${libraries}/libpam.so.0`;

/** A daemon that has only started; `acts` is what a login did besides. */
function profileOf(program: string, acts: Record<string, Act[]> = {}, calls: string[] = []): Profile {
  const paths = { [program]: ['execute' as Act], ...acts };
  return {
    ...emptyProfile(),
    sources: [{ name: 'log', how: 'traced', program, architecture: 'x86-64', uid: 0, gid: 0 }],
    syscalls: Object.fromEntries(
      ['openat', ...calls].map((name) => [name, { count: 1, first: evidence('').first }]),
    ),
    paths: Object.fromEntries(
      Object.entries(paths).map(([path, each]) => [
        path,
        Object.fromEntries(each.map((act) => [act, evidence('openat')])),
      ]),
    ),
    files: {
      [program]: file(program, [libpam]),
      '/etc/pam.d/logind': file('/etc/pam.d/logind'),
      '/usr/sbin/unix_chkpwd': file('/usr/sbin/unix_chkpwd', [libpam, `${libraries}/libselinux.so.1`]),
      '/sbin/unix_chkpwd': { ...file('/usr/sbin/unix_chkpwd'), needs: [] },
    },
  };
}

const settings = (profile: Profile, level: Level = 'balanced') => settingsOf(profile, level, 252).settings;
const wordsOf = (all: readonly Setting[], ...keys: string[]) =>
  all.flatMap(({ assignments, inForce }) =>
    assignments.flatMap(({ key, words }) => (inForce && keys.includes(key) ? words : [])),
  );

describe('a daemon that asks PAM, of which no login was traced', () => {
  const traced = profileOf('/usr/sbin/logind');
  const login = profileOf(
    '/usr/sbin/logind',
    {
      '/run/utmp': ['read', 'write'],
      '/var/log/wtmp': ['write'],
      '/var/log/btmp': ['write'],
      '/var/log/lastlog': ['write'],
      '/usr/sbin/unix_chkpwd': ['execute'],
      [`${libraries}/security/pam_unix.so`]: ['map', 'read'],
      '/etc/shadow': ['read'],
      '/etc/security/limits.conf': ['read'],
      '/etc/pam.d/logind': ['read'],
      '/home/guest/.profile': ['read'],
    },
    ['setfsuid', 'setfsgid', 'setgroups', 'setresuid'],
  );

  test('writes the records of a login, and runs the helper that looks at passwords', () => {
    const refused = denialsOf(settings(traced), login).map(
      ({ directive, behaviour }) => `${directive} ${subjectOf(behaviour) || behaviour.evidence.call}`,
    );
    expect(refused).toEqual([]);
  });

  test('is granted the single files, each of which may be missing, and no more', () => {
    const all = settings(traced);
    expect(wordsOf(all, 'ReadWritePaths', 'BindPaths').sort()).toEqual([
      '-/run/utmp',
      '-/var/log/btmp',
      '-/var/log/lastlog',
      '-/var/log/wtmp',
    ]);
    expect(wordsOf(all, 'ExecPaths')).toContain('/usr/sbin/unix_chkpwd');
  });

  test('at minimal is granted nothing of it', () => {
    const all = settings(traced, 'minimal');
    expect(wordsOf(all, 'ReadWritePaths', 'BindPaths')).toEqual([]);
    expect(wordsOf(all, 'ExecPaths')).not.toContain('/usr/sbin/unix_chkpwd');
  });

  test('a daemon that has no rules of PAM is granted none of it', () => {
    const all = settings(profileOf('/usr/sbin/other'));
    expect(wordsOf(all, 'ReadWritePaths', 'BindPaths')).toEqual([]);
    expect(wordsOf(all, 'ExecPaths')).not.toContain('/usr/sbin/unix_chkpwd');
  });

  test('where nobody could look, the helper and the modules are named for the case that they are there', () => {
    const { files: _files, ...rest } = profileOf('/usr/sbin/logind', {
      '/etc/pam.d/logind': ['read'],
      [libpam]: ['map'],
    });
    const words = wordsOf(settings({ ...rest, files: {} }), 'ExecPaths');
    expect(words).toEqual(expect.arrayContaining(passwordHelpers.map((path) => `-${path}`)));
    expect(words).toContain('-/usr/lib');
  });
});

test('the helper is looked at on the machine of a daemon that asks PAM, and on no other', () => {
  const looked = (acts: Record<string, Act[]>) =>
    Object.keys(describeFiles({ ...profileOf('/bin/x', acts), files: {} }, openRoot('/')));
  expect(looked({ '/etc/pam.d/logind': ['read'] })).toEqual(expect.arrayContaining([...passwordHelpers]));
  expect(looked({}).filter((path) => passwordHelpers.includes(path))).toEqual([]);
});

test('interpreters that are granted are named in the drop-in and in the summary', () => {
  const profile = profileOf('/usr/bin/python3.11');
  const { settings: all, warnings } = settingsOf(profile, 'balanced', 252);
  const setting = all.find(({ directive }) => directive === 'ExecPaths');
  expect(setting?.reason).toMatch(/\/usr\/bin\/python3\.11 may run one from anywhere\.$/);
  expect(warnings.join('\n')).toMatch(/NoExecPaths= stops no script: \/usr\/bin\/python3\.11 /);
  expect(settingsOf(profileOf('/usr/sbin/logind'), 'balanced', 252).warnings.join()).not.toMatch(/script/);
});

describe('commands of the unit that were not traced', () => {
  const beside = {
    '/bin/kill': ['ExecReload= of a.service', 'ExecStop= of a.service'],
    '/usr/sbin/logind': ['ExecStart= of a.service', 'ExecStartPre= of a.service'],
  };
  const said = (sources: string[]) => {
    const profile = { ...profileOf('/usr/sbin/logind'), beside };
    const [source] = profile.sources;
    if (source === undefined) throw new Error('The profile has a source.');
    const all = { ...profile, sources: sources.map((name) => ({ ...source, name })) };
    return settingsOf(all, 'balanced', 252).warnings.filter((warning) => warning.startsWith('Not traced'));
  };

  test('are named, with what they run', () => {
    expect(said(['log'])).toEqual([
      expect.stringMatching(
        /^Not traced of a\.service: ExecReload= \(kill\), ExecStartPre= \(logind\), ExecStop= \(kill\)\. /,
      ),
    ]);
  });

  test('are not named where a service was traced with all of them', () => {
    const runs = ['ExecReload-1', 'ExecStart-1', 'ExecStartPre-1', 'ExecStop-1'];
    expect(said(runs.map((name) => `${name} of a.service`))).toEqual([]);
    expect(said(runs.slice(1).map((name) => `${name} of a.service`))).toEqual([
      expect.stringMatching(/^Not traced of a\.service: ExecReload= \(kill\)\. /),
    ]);
  });
});
