import { expect, test } from 'vitest';
import { denialsOf } from '../../src/directives/settings.ts';
import { renderAssignment } from '../../src/emit/drop-in.ts';
import type { Act } from '../../src/profile/acts.ts';
import { emptyProfile } from '../../src/profile/empty-profile.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { settingsOf } from './sample-logs.ts';

/** Small profiles in which a setting once denied what had been seen, without a word. The laws found them; these stay by name. */

const evidence = { call: 'a call', first: { source: 'log', line: 1 }, count: 1 };

function profileOf(paths: Record<string, Act[]>, more: Partial<Profile> = {}): Profile {
  const entries = Object.entries(paths).map(([path, acts]) => [
    path,
    Object.fromEntries(acts.map((act) => [act, evidence])),
  ]);
  return { ...emptyProfile(), paths: Object.fromEntries(entries), ...more };
}

test('relaxed: a name made in /etc itself is not met by a read-only /etc', () => {
  const profile = profileOf({ '/etc/adjtime.new': ['create'] });
  const { settings } = settingsOf(profile, 'relaxed', 252);
  expect(denialsOf(settings, profile)).toEqual([]);
  expect(settings.find(({ directive }) => directive === 'ProtectSystem')?.assignments[0]?.words).toEqual([
    'yes',
  ]);
});

test('relaxed: who writes into /usr itself is told that it will not be let', () => {
  const { settings, warnings } = settingsOf(profileOf({ '/usr/new': ['create'] }), 'relaxed', 252);
  expect(settings.find(({ directive }) => directive === 'ProtectSystem')?.assignments[0]?.words).toEqual([
    'full',
  ]);
  expect(warnings.join()).toContain('"/usr/new"');
});

test('a file that gets a second name lies on the mount of that name, though nothing else is written beside it', () => {
  const profile = profileOf(
    { '/var/lib/x/old': ['link'], '/var/lib/x/spool/new': ['make-node'] },
    { moves: [{ how: 'link', from: '/var/lib/x/old', to: '/var/lib/x/spool/new', evidence }] },
  );
  expect(denialsOf(settingsOf(profile, 'minimal', 252).settings, profile)).toEqual([]);
});

test('what is written and mapped executable in /dev/shm stays both', () => {
  const profile = profileOf({ '/usr/bin/a': ['execute'], '/dev/shm/code': ['create', 'write', 'map'] });
  for (const level of ['minimal', 'balanced'] as const) {
    expect(denialsOf(settingsOf(profile, level, 252).settings, profile)).toEqual([]);
  }
});

test('a library in a writable directory may be mapped, though leave was given to a directory above', () => {
  const profile = profileOf({
    '/srv/app/lib/a.so': ['map'],
    '/srv/app/lib/cache/b.so': ['map', 'create', 'write'],
  });
  expect(denialsOf(settingsOf(profile, 'balanced', 252).settings, profile)).toEqual([]);
});

test('a path that ends like an assignment is a word of its own', () => {
  const assignment = { key: 'ReadWritePaths', words: ['/srv/=', '/srv/b', '-/run'], style: 'paths' as const };
  expect(renderAssignment(assignment)).toEqual(['ReadWritePaths=/srv/= /srv/b -/run']);
});
