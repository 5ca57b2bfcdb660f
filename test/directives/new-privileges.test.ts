import { describe, expect, test } from 'vitest';
import { levels } from '../../src/directives/context.ts';
import { judge } from '../../src/directives/judge.ts';
import { filterSettings } from '../../src/directives/kernel-filters.ts';
import { inferSettings } from '../../src/directives/settings.ts';
import { renderAssignment } from '../../src/emit/drop-in.ts';
import type { Act } from '../../src/profile/acts.ts';
import { emptyProfile } from '../../src/profile/empty-profile.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { readBack, textOf } from '../samples/read-back.ts';
import { contextFor } from '../samples/sample-logs.ts';

/** A daemon that its unit starts as another user than root, and that runs a set-user-ID program. */
const runsSu: Profile = {
  ...emptyProfile(),
  sources: [{ name: 'log', how: 'traced', program: '/usr/bin/daemon', architecture: 'x86-64', uid: 33 }],
  syscalls: { execve: { count: 2, first: { source: 'log', line: 1 } } },
  paths: { '/usr/bin/su': did('execute') },
  files: {
    '/usr/bin/su': { real: ['/usr/bin/su'], kind: ['file'], owner: ['0:0:4755'], needs: [], format: [] },
  },
};

function did(act: Act): Profile['paths'][string] {
  return { [act]: { call: 'execve', first: { source: 'log', line: 2 }, count: 1, as: ['33'] } };
}

const withUser = (text: string) => text.replace('[Service]', '[Service]\nUser=www-data');

/** What a unit refuses of set-ID programs, and the lines that would let them be. */
function refusedBy(text: string, systemd: number) {
  const unit = readBack(withUser(text), systemd);
  return judge(unit.values, runsSu, contextFor(systemd))
    .findings.filter(({ directive }) => directive === 'NoNewPrivileges')
    .map(({ place, remedy }) => ({
      at: place === undefined ? undefined : unit.lineAt(place)?.key,
      lines: remedy.assignments.flatMap(renderAssignment),
    }));
}

describe.each([240, 252, 254, 255, 257, 262])('a user that runs set-ID programs, systemd %i', (systemd) => {
  test.each(levels)('keeps what these give, at %s', (level) => {
    const { settings } = inferSettings(runsSu, contextFor(systemd, level));
    expect(refusedBy(textOf(settings, systemd), systemd)).toEqual([]);
    // Root loads filters with what it has.
    const root = { ...runsSu, sources: runsSu.sources.map((source) => ({ ...source, uid: 0 })) };
    const ofRoot = inferSettings(root, contextFor(systemd, level)).settings;
    expect(ofRoot.map(({ directive }) => directive)).toContain('LockPersonality');
    const hasFilter = settings.some(({ directive }) => Object.hasOwn(filterSettings, directive));
    expect(hasFilter).toBe(systemd >= 255);
  });
});

test('the drop-in says which settings that costs', () => {
  const { warnings } = inferSettings(runsSu, contextFor(252));
  expect(warnings.join('\n')).toContain('NoNewPrivileges=yes');
  for (const name of Object.keys(filterSettings)) expect(warnings.join('\n')).toContain(`${name}=`);
  expect(inferSettings(runsSu, contextFor(257)).warnings.join('\n')).not.toContain('NoNewPrivileges=yes');
  // Programs of others may have a set-ID bit, though none was seen to run.
  const runsNothing = { ...runsSu, paths: {} };
  expect(inferSettings(runsNothing, contextFor(252, 'relaxed')).warnings.join('\n')).toContain('sudo');
  expect(inferSettings(runsNothing, contextFor(252)).warnings.join('\n')).not.toContain('sudo');
});

test('check names the line that takes the privileges, and lines that give them back', () => {
  const text = '[Service]\nLockPersonality=yes\nNoNewPrivileges=yes\nSystemCallFilter=~@mount\n';
  const [found] = refusedBy(text, 252);
  expect(found?.at).toBe('SystemCallFilter');
  expect(refusedBy(`${text}${found?.lines.join('\n')}\n`, 252)).toEqual([]);
  expect(refusedBy(`${text}NoNewPrivileges=no\n`, 252)).toHaveLength(1);
});

test('since 255 only a filter that refuses to drop capabilities takes them', () => {
  expect(refusedBy('[Service]\nLockPersonality=yes\nSystemCallFilter=~@mount\n', 257)).toEqual([]);
  const tight = '[Service]\nSystemCallFilter=@basic-io\n';
  const [found] = refusedBy(tight, 257);
  expect(found).toEqual({ at: 'SystemCallFilter', lines: ['SystemCallFilter=capget capset prctl'] });
  expect(refusedBy(`${tight}${found?.lines.join('\n')}\n`, 257)).toEqual([]);
  const denied = '[Service]\nSystemCallFilter=~capset\n';
  expect(refusedBy(`${denied}SystemCallFilter=capset\n`, 257)).toEqual([]);
  expect(refusedBy(denied, 257)).toHaveLength(1);
});
