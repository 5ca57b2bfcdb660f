import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { levels } from '../../src/directives/context.ts';
import type { Setting } from '../../src/directives/directive.ts';
import { judge } from '../../src/directives/judge.ts';
import { renderAssignment } from '../../src/emit/drop-in.ts';
import { explainDirective } from '../../src/emit/explain-directive.ts';
import { lossesOf } from '../../src/emit/losses.ts';
import { renderSummary } from '../../src/emit/summary.ts';
import { bindOf } from '../../src/paths/bind-word.ts';
import { covers, isBelow } from '../../src/paths/covering-tree.ts';
import type { Act } from '../../src/profile/acts.ts';
import { emptyProfile } from '../../src/profile/empty-profile.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { runs } from '../properties.ts';
import { readBack, textOf } from './read-back.ts';
import { contextFor, settingsOf } from './sample-logs.ts';

/** Whatever detour a log takes to a dangerous place, the grant is not made, with a word; or a person is told to look at it. */

const evidence = { call: 'openat', first: { source: 'log', line: 1 }, count: 1 };
const version = 252;

/** Where a right to write is as good as root. */
const dangerous = [
  '/etc',
  '/etc/cron.d',
  '/etc/systemd/system',
  '/etc/systemd/system/ssh.service.d',
  '/etc/ld.so.preload',
  '/etc/passwd',
  '/usr/lib/systemd/system',
  '/usr/bin/sudo',
  '/usr/local/bin',
  '/bin',
  '/root',
  '/root/.ssh/authorized_keys',
  '/boot',
  '/home/a/.profile',
  '/var/spool/cron/crontabs',
  '/var/lib/dpkg/info',
  '/run/systemd/system',
  '/run/udev/rules.d',
  '/run/NetworkManager/conf.d',
  '/run/tmpfiles.d',
  '/run/docker',
  '/var/lib/incus/unix.socket',
];

/** What a grant must not hold, be, or lie in without a mark. */
const isDangerous = (place: string) =>
  dangerous.some((other) => covers(other, place) || isBelow(other, place));

const place = fc
  .constantFrom(...dangerous)
  .chain((top) => fc.constantFrom(top, `${top}/x`, `${top}/x.AbC123`, `${top}/a/b`, `${top}/new\nline`));
const act = fc.constantFrom<Act>('write', 'create', 'make-directory', 'remove', 'bind', 'chmod', 'rename-to');
const innocent = fc.constantFrom(
  '/srv/app/data',
  '/var/lib/app/x',
  '/run/app/sock',
  '/tmp/x',
  '/opt/app.XyZ123/f',
);

interface Detour {
  paths: Record<string, Act[]>;
  files?: Profile['files'];
  more?: Partial<Profile>;
}

const file = (real: string, kind = 'file', owner = '0:0:0755') => ({
  real: [real],
  kind: [kind],
  owner: [owner],
  needs: [],
  format: [],
});
const way = { by: 'a package', kind: 'directory' as const, owner: '7:7:0755' };

const detour: fc.Arbitrary<Detour> = fc.oneof(
  // As it is.
  fc.record({ to: place, act }).map(({ to, act }): Detour => ({ paths: { [to]: [act] } })),
  // By a link.
  fc.record({ to: place, act, from: innocent }).map(
    ({ to, act, from }): Detour => ({
      paths: { [from]: [act] },
      files: {
        [from]: file(to),
        [from.slice(0, from.lastIndexOf('/'))]: file(to.slice(0, to.lastIndexOf('/')) || '/', 'directory'),
      },
    }),
  ),
  // By the old name of /run.
  fc
    .record({ to: place, act })
    .map(({ to, act }): Detour => ({ paths: { [to.replace(/^\/run\//, '/var/run/')]: [act] } })),
  // By /proc.
  fc.record({ to: place, act }).map(
    ({ to, act }): Detour => ({
      paths: { [`/proc/self/root${to}`]: [act] },
      files: { [`/proc/self/root${to}`]: file(to) },
    }),
  ),
  // Between two places whose common directory it is.
  fc.record({ to: place, from: place }).map(
    ({ to, from }): Detour => ({
      paths: { [to]: ['rename-to'], [from]: ['rename-from'] },
      more: { moves: [{ how: 'rename' as const, from, to, evidence }] },
    }),
  ),
  // As a directory of its own.
  fc.record({ to: place, uid: fc.constantFrom(0, 7) }).map(
    ({ to, uid }): Detour => ({
      paths: { [to]: ['make-directory'], [`${to}/f`]: ['create', 'write'] },
      files: { [to]: file(to, 'directory', `${uid}:${uid}:0755`) },
      more: { tried: { [to]: { 'make-directory': { ...evidence, errno: 'EEXIST' } } } },
    }),
  ),
  // As what a package ships, makes at boot, or rotates.
  fc.record({ to: place, through: fc.boolean() }).map(({ to, through }): Detour => {
    const name = through ? '/srv/link' : to;
    return {
      paths: { [to]: ['stat'] },
      files: { [name]: file(to, 'directory', '7:7:0755') },
      more: {
        shipped: { [name]: ['a package'] },
        prepared: { [name]: [way] },
        rotated: { [name]: [{ by: 'rules', logs: '*.log' }] },
      },
    };
  }),
);

const uid = fc.constantFrom(undefined, 0, 7);
const asked = fc.record({ level: fc.constantFrom(...levels), confine: fc.boolean(), network: fc.boolean() });

function profileOf({ paths, files = {}, more = {} }: Detour, uid: number | undefined): Profile {
  const table = Object.entries(paths).map(([path, acts]) => [
    path,
    Object.fromEntries(acts.map((act) => [act, evidence])),
  ]);
  return {
    ...emptyProfile(),
    sources: [
      {
        name: 'log',
        how: 'log',
        program: '/usr/bin/x',
        architecture: 'x86-64',
        ...(uid === undefined ? {} : { uid, gid: uid }),
      },
    ],
    syscalls: { openat: { count: 1, first: evidence.first } },
    paths: Object.fromEntries(table),
    files,
    ...more,
  };
}

/** What the settings let the daemon write, by the path on the host. */
function writable(settings: readonly Setting[]): { setting: Setting; word: string; place: string }[] {
  const roots: Record<string, string> = {
    RuntimeDirectory: '/run',
    StateDirectory: '/var/lib',
    CacheDirectory: '/var/cache',
    LogsDirectory: '/var/log',
    ConfigurationDirectory: '/etc',
  };
  // Advice stands in comments.
  return settings
    .filter(({ inForce }) => inForce)
    .flatMap((setting) =>
      setting.assignments.flatMap(({ key, words }) =>
        words.flatMap((word) => {
          const bare = word.replace(/^-/, '');
          if (key === 'ReadWritePaths') return [{ setting, word, place: bare }];
          if (key === 'BindPaths') return [{ setting, word, place: bindOf(word).source }];
          const root = roots[key];
          return root === undefined ? [] : [{ setting, word, place: `${root}/${bare}` }];
        }),
      ),
    );
}

/** Marked in the drop-in, first in the summary, and where the directive is explained. */
function isMarked(
  profile: Profile,
  settings: Setting[],
  warnings: string[],
  { setting, word }: { setting: Setting; word: string },
) {
  const marked = setting.grants.find(({ value, review }) => value === word && review !== undefined);
  if (marked === undefined) return false;
  const summary = renderSummary({
    profile,
    settings,
    warnings,
    watched: undefined,
    exposure: undefined,
    install: undefined,
  });
  const explained = explainDirective({
    name: setting.directive,
    setting,
    against: undefined,
    unitSays: undefined,
  });
  const first = summary
    .split('\n')
    .slice(0, settings.flatMap(({ grants, left }) => [...grants, ...left]).length + 1);
  return (
    textOf(settings, version).includes(`# REVIEW ${word.slice(0, 20)}`) &&
    first.some((line) => line.includes(`REVIEW ${setting.directive}=${word.slice(0, 20)}`)) &&
    explained.includes('  REVIEW ')
  );
}

describe('a right to write where it is dangerous', () => {
  test('is marked for review wherever it comes from', () => {
    fc.assert(
      fc.property(detour, uid, asked, (detour, uid, { level, ...how }) => {
        const profile = profileOf(detour, uid);
        const { settings, warnings } = settingsOf(profile, level, version, how);
        const silent = writable(settings)
          .filter(({ place }) => isDangerous(place.replace(/^\/var\/run(?=\/|$)/, '/run')))
          .filter((each) => !isMarked(profile, settings, warnings, each));
        expect(silent.map(({ setting, word }) => `${setting.directive}=${word}`)).toEqual([]);
      }),
      { numRuns: runs(400) },
    );
  });

  test('is left out, with a word, where only /, a top-level directory, /etc or /usr could be named', () => {
    const names = [
      '/x\ny',
      '/etc/x\ny',
      '/usr/x\ny',
      '/var/x\ny',
      '/opt/x\ny/f',
      '/srv/\u202e',
      '/opt/tmp.AbC123xyz/f',
      '/etc/tmp.AbC123xyz/f',
    ];
    for (const name of names) {
      for (const level of levels) {
        for (const confine of [false, true]) {
          const profile = profileOf({ paths: { [name]: ['write'] } }, 0);
          const { settings, warnings } = settingsOf(profile, level, version, { confine });
          expect(
            writable(settings).map(({ word }) => word),
            `${level} ${name}`,
          ).toEqual([]);
          expect(warnings.join('\n')).toContain(JSON.stringify(name));
        }
      }
    }
  });

  test('is marked where it is all of /run, for a pid file', () => {
    const profile = profileOf({ paths: { '/run/app.pid': ['create', 'write'] } }, 0);
    const { settings } = settingsOf(profile, 'balanced', version);
    expect(textOf(settings, version)).toMatch(/# REVIEW \/run: writable: new names/);
  });
});

describe('other rights as good as root', () => {
  test.each([
    ['mount', 'CAP_SYS_ADMIN'],
    ['setns', 'CAP_SYS_ADMIN'],
    ['finit_module', 'CAP_SYS_MODULE'],
    ['iopl', 'CAP_SYS_RAWIO'],
    ['process_vm_writev', 'CAP_SYS_PTRACE'],
    ['reboot', 'CAP_SYS_BOOT'],
    ['bpf', 'CAP_BPF'],
  ])('%s asks for %s: marked, in the drop-in and in the summary', (call, name) => {
    const privileged = [{ call, what: '', evidence: { ...evidence, call } }];
    const profile = profileOf({ paths: {}, more: { privileged } }, 0);
    for (const level of ['minimal', 'balanced'] as const) {
      const { settings, warnings } = settingsOf(profile, level, version);
      const granted = settings.filter(({ directive }) => directive === 'CapabilityBoundingSet');
      expect(granted.flatMap(({ assignments }) => assignments.flatMap(({ words }) => words))).toContain(name);
      const [setting] = granted;
      expect(setting !== undefined && isMarked(profile, settings, warnings, { setting, word: name })).toBe(
        true,
      );
    }
  });

  const sockets = [
    '/run/docker.sock',
    '/run/systemd/private',
    '/run/dbus/system_bus_socket',
    '/run/snapd.socket',
  ];
  test('a control socket stays in reach only with a mark, however the daemon came to it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...sockets),
        fc.constantFrom<Act>('connect', 'stat', 'read', 'chmod'),
        fc.constantFrom('plain', 'link', 'old name', 'in vain'),
        fc.constantFrom('minimal' as const, 'balanced' as const),
        fc.boolean(),
        (socket, act, how, level, confine) => {
          const name = how === 'link' ? '/srv/s' : how === 'old name' ? `/var${socket}` : socket;
          const profile = profileOf(
            {
              paths: how === 'in vain' ? {} : { [name]: [act] },
              files: { [name]: file(socket, 'socket'), [socket]: file(socket, 'socket') },
              more:
                how === 'in vain' ? { tried: { [name]: { [act]: { ...evidence, errno: 'ENOENT' } } } } : {},
            },
            0,
          );
          const { settings } = settingsOf(profile, level, version, { confine });
          const words = (key: string) =>
            settings.flatMap(({ assignments }) =>
              assignments.flatMap((each) => (each.key === key ? each.words : [])),
            );
          const isHidden = words('InaccessiblePaths').some((word) => {
            const bare = word.replace(/^-/, '');
            return covers(bare, socket);
          });
          const isEmpty = words('TemporaryFileSystem').some((word) => word.startsWith('/run:'));
          const isBound = [...words('BindReadOnlyPaths'), ...words('BindPaths')].some((word) => {
            const { source } = bindOf(word);
            return covers(source, socket);
          });
          const isMarked = settings.some(({ left, grants }) =>
            [...left, ...grants].some(({ value, review }) => review !== undefined && covers(value, socket)),
          );
          expect(isHidden || (isEmpty && !isBound) || isMarked).toBe(true);
        },
      ),
      { numRuns: runs(300) },
    );
  });

  test('what is executed where the daemon writes is marked', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('/srv/app', '/var/lib/app', '/run/app', '/tmp/app', '/dev/shm/app', '/home/a/app'),
        fc.constantFrom<Act>('create', 'write', 'rename-to'),
        fc.constantFrom<Act>('execute', 'map'),
        fc.boolean(),
        asked,
        (directory, write, run, byLink, { level, ...how }) => {
          const name = byLink ? '/usr/bin/tool' : `${directory}/tool`;
          const profile = profileOf(
            {
              paths: {
                [`${directory}/tool`]: [write],
                '/usr/bin/x': ['execute'],
                [name]: byLink ? [run] : [write, run],
              },
              files: { [name]: file(`${directory}/tool`) },
            },
            0,
          );
          const { settings } = settingsOf(profile, level, version, how);
          const places = writable(settings)
            .map(({ place }) => place)
            .concat('/dev/shm');
          const silent = settings
            .filter(({ directive }) => directive === 'ExecPaths')
            .flatMap(({ grants }) => grants)
            .filter(({ value, review }) => {
              const bare = value.replace(/^-/, '');
              return review === undefined && places.some((place) => covers(place, bare));
            });
          expect(silent.map(({ value }) => value)).toEqual([]);
        },
      ),
      { numRuns: runs(400) },
    );
  });

  test('what is executed where others can put a program is marked, at relaxed too', () => {
    const programs = ['/tmp/evil', '/var/tmp/q', '/dev/shm/q', '/run/q', '/home/bob/bin/z', '/root/z'];
    const paths = Object.fromEntries(programs.map((path): [string, Act[]] => [path, ['execute']]));
    const files = Object.fromEntries(programs.map((path) => [path, file(path)]));
    for (const level of levels) {
      const { settings } = settingsOf(profileOf({ paths, files }, 0), level, version);
      const marked = settings
        .filter(({ directive }) => directive === (level === 'relaxed' ? 'NoExecPaths' : 'ExecPaths'))
        .flatMap(({ grants, left }) => [...grants, ...left])
        .flatMap(({ value, review }) => (review === undefined ? [] : [value.replace(/^-/, '')]));
      expect(marked.sort(), level).toEqual(programs.toSorted());
    }
  });

  test('what relaxed leaves open because it was used is marked, and the score does not say that it was not', () => {
    const seen = (name: string) => ({ count: 1, first: { source: 'log', line: 1 }, name });
    const profile = profileOf(
      {
        paths: {
          '/dev/sda': ['read'],
          '/dev/mem': ['read'],
          '/run/docker.sock': ['connect'],
          '/run/systemd/private': ['connect'],
          '/root/x': ['create'],
          '/run/systemd/system/x': ['create'],
          '/etc/cron.d/x': ['create'],
        },
        files: { '/dev/sda': file('/dev/sda', 'block'), '/dev/mem': file('/dev/mem', 'character') },
        more: {
          syscalls: { mount: seen('mount'), ptrace: seen('ptrace') },
          families: { AF_PACKET: { ...evidence, call: 'socket' } },
          privileged: [
            { call: 'mount', what: '', evidence: { ...evidence, call: 'mount' } },
            {
              call: 'ptrace',
              what: 'PTRACE_ATTACH of a process of another user',
              evidence: { ...evidence, call: 'ptrace' },
            },
            { call: 'unshare', what: 'CLONE_NEWUSER', evidence: { ...evidence, call: 'unshare' } },
          ],
        },
      },
      0,
    );
    const { settings, warnings } = settingsOf(profile, 'relaxed', version);
    const summary = renderSummary({
      profile,
      settings,
      warnings,
      watched: undefined,
      exposure: undefined,
      install: undefined,
    });
    const marks = summary.split('\n').flatMap((line) => /^ {2}REVIEW ([^:]+):/.exec(line)?.[1] ?? []);
    expect(marks).toEqual(
      expect.arrayContaining([
        'SystemCallFilter=mount',
        'SystemCallFilter=ptrace',
        'RestrictAddressFamilies=AF_PACKET',
        'CapabilityBoundingSet=CAP_SYS_ADMIN',
        'CapabilityBoundingSet=CAP_SYS_PTRACE',
        'DevicePolicy=/dev/sda r',
        'DevicePolicy=/dev/mem r',
        'InaccessiblePaths=/run/docker.sock',
        'InaccessiblePaths=/run/systemd/private',
        'ReadWritePaths=/root',
        'ReadWritePaths=/etc/cron.d',
        'RestrictNamespaces=user',
      ]),
    );
    const rows = [
      'CapabilityBoundingSet_CAP_SYS_ADMIN',
      'RestrictAddressFamilies_AF_PACKET',
      'RestrictNamespaces_user',
    ].map((field) => ({ name: field, field, exposure: 0.1 }));
    const losses = lossesOf({
      rows,
      settings,
      profile,
      context: contextFor(version, 'relaxed'),
      unitSays: () => undefined,
      against: () => undefined,
    });
    expect(losses.map(({ reason }) => reason)).toEqual([
      'used: mount, log:1',
      'sockets of this family were made: socket "AF_PACKET", log:1',
      'begun or entered: unshare "CLONE_NEWUSER", log:1',
    ]);
  });
});

describe('what a finding says to add or to take out', () => {
  const unit = `[Service]
NoExecPaths=/
DevicePolicy=closed
CapabilityBoundingSet=
RestrictNamespaces=yes
RestrictAddressFamilies=~AF_PACKET
InaccessiblePaths=/run/docker.sock
ReadOnlyPaths=/etc/cron.d
`;

  test('is marked where it would be dangerous', () => {
    const profile = profileOf(
      {
        paths: {
          '/tmp/evil': ['execute'],
          '/usr/bin/fine': ['execute'],
          '/dev/sda': ['read'],
          '/run/docker.sock': ['connect'],
          '/etc/cron.d/x': ['create'],
        },
        files: {
          '/dev/sda': file('/dev/sda', 'block'),
          '/run/docker.sock': file('/run/docker.sock', 'socket'),
        },
        more: {
          families: { AF_PACKET: { ...evidence, call: 'socket' } },
          privileged: [
            { call: 'unshare', what: 'CLONE_NEWUSER', evidence: { ...evidence, call: 'unshare' } },
          ],
        },
      },
      0,
    );
    const { findings } = judge(readBack(unit, version).values, profile, contextFor(version));
    const marked = findings.flatMap(({ review, remedy }) =>
      remedy.assignments
        .flatMap(renderAssignment)
        .map((line) => `${line}${review === undefined ? '' : ' REVIEW'}`),
    );
    for (const line of [
      'ExecPaths=/tmp/evil REVIEW',
      'ExecPaths=/usr/bin/fine',
      'DeviceAllow=/dev/sda r REVIEW',
      'RestrictNamespaces=user REVIEW',
      'RestrictAddressFamilies=AF_PACKET REVIEW',
      'InaccessiblePaths=/run/docker.sock REVIEW',
      'ReadOnlyPaths=/etc/cron.d REVIEW',
    ])
      expect(marked).toContain(line);
  });
});
