import { describe, expect, test } from 'vitest';
import type { Context, Level } from '../../src/directives/context.ts';
import type { Setting, UnitValues } from '../../src/directives/directive.ts';
import { inferSettings } from '../../src/directives/settings.ts';
import { renderDropIn } from '../../src/emit/drop-in.ts';
import type { Act } from '../../src/profile/acts.ts';
import { emptyProfile } from '../../src/profile/empty-profile.ts';
import type { Evidence, Profile } from '../../src/profile/profile.ts';
import { groupsOfVersion } from '../../src/syscall-groups/version-groups.ts';

/** When the directives about processes, users, keys and modes are set, and when they are not. */

const seen = (call: string, as = '0', line = 1): Evidence => ({
  call,
  first: { source: 'log', line },
  count: 1,
  as: [as],
});
const did = (path: string, act: Act, as = '0', line = 1): Partial<Profile> => ({
  paths: { [path]: { [act]: seen(act, as, line) } },
});
const called = (name: string, line = 1): Partial<Profile> => ({
  syscalls: { [name]: { count: 1, first: { source: 'log', line } } },
});
const file = (path: string, owner: string): Profile['files'] => ({
  [path]: { real: [path], kind: ['file'], owner: [owner], needs: [], format: [] },
});

interface Asked {
  level?: Level;
  systemd?: number;
  /** As whom the daemon was started. */
  uid?: number;
  how?: 'traced' | 'attached';
  /** What the unit says already, a word for each directive. */
  unit?: Readonly<Record<string, string>>;
}

function settingsOf(
  change: Partial<Profile>,
  { level = 'balanced', systemd = 252, uid = 0, how = 'traced', unit }: Asked = {},
): Setting[] {
  const source = { name: 'log', how, program: '/usr/sbin/daemon', architecture: 'x86-64', uid, gid: uid };
  const profile: Profile = { ...emptyProfile(), sources: [source], ...change };
  const groups = groupsOfVersion(systemd);
  const context: Context = {
    level,
    systemd,
    groups,
    architecture: 'x86-64',
    onDeny: 'errno',
    network: false,
    bpf: undefined,
    confine: false,
  };
  const values: UnitValues = (key) => {
    const word = unit?.[key];
    return word === undefined ? [] : [{ words: [word], place: { source: 'unit', line: 1 } }];
  };
  return inferSettings(profile, context, unit === undefined ? undefined : values).settings;
}

/** The lines of a directive; with `#` in front where they are advice. */
function linesOf(name: string, change: Partial<Profile>, asked: Asked = {}): string[] {
  const setting = settingsOf(change, asked).find(({ directive }) => directive === name);
  return (setting?.assignments ?? []).map(
    ({ key, words }) => `${setting?.inForce === true ? '' : '# '}${key}=${words.join(' ')}`,
  );
}

describe('a program beside the daemon that looks for processes', () => {
  const beside = { '/usr/bin/pkill': ['ExecStop= of a.service'] };
  const stop = {
    name: 'stop',
    how: 'traced',
    program: '/usr/bin/pkill',
    architecture: '',
    uid: 0,
    gid: 0,
  } as const;
  const start = { ...stop, name: 'log', program: '/usr/sbin/daemon' };

  test('is feared as long as nobody saw what it does, and then believed', () => {
    expect(linesOf('ProtectProc', { beside })).toEqual(['ProtectProc=invisible']);
    expect(linesOf('ProtectProc', { beside, sources: [start, stop] })).toEqual(['ProtectProc=ptraceable']);
  });
});

describe('/proc', () => {
  const readOnly = (change: Partial<Profile>, asked: Asked = {}) =>
    linesOf('ReadOnlyPaths', change, asked).join(' ').includes('-/proc');
  const root = { privileged: [{ call: 'chown', what: 'another owner', evidence: seen('chown') }] };

  test('is read-only for root that writes nothing there', () => {
    expect(readOnly(root)).toBe(true);
    expect(readOnly({ ...root, ...did('/proc/self/status', 'read') })).toBe(true);
  });

  test.each<[string, Partial<Profile>, Asked?]>([
    ['its score is written', { ...root, ...did('/proc/self/oom_score_adj', 'write') }],
    ['the start is not in the trace', root, { how: 'attached' }],
    ['people log in', { ...root, ...did('/etc/pam.d/login', 'read') }],
    ['the unit gets a user namespace, whose ids are written there', {}, { uid: 33 }],
    ['the unit has a user namespace', root, { unit: { PrivateUsers: 'yes' } }],
    ['the unit has a label, which is written there', root, { unit: { AppArmorProfile: 'daemon' } }],
    ['programs of others run', root, { level: 'relaxed' }],
  ])('stays as it is where %s, and why is said', (_, change, asked) => {
    expect(readOnly(change, asked)).toBe(false);
    const setting = settingsOf(change, asked).find(({ directive }) => directive === 'ReadOnlyPaths');
    if (asked?.level !== 'relaxed')
      expect(setting?.left.filter(({ value }) => value === '/proc')).toHaveLength(1);
  });

  test('a name there that leads elsewhere is no write to it', () => {
    expect(readOnly({ ...root, ...did('/proc/self/fd/1', 'write') })).toBe(true);
  });
});

test('a directory of /run is the unit’s own by whichever name the daemon calls it', () => {
  const facts = { kind: ['directory'], owner: ['0:0:0755'], needs: [], format: [] };
  const files = (path: string): Profile['files'] => ({
    [path]: { ...facts, real: ['/run/a'] },
    [`${path}/pid`]: { ...facts, real: ['/run/a/pid'], kind: ['missing'], owner: [] },
  });
  for (const name of ['/run/a', '/var/run/a']) {
    const paths = { [`${name}/pid`]: { create: seen('openat') } };
    expect(linesOf('RuntimeDirectory', { paths, files: files(name) })).toContain('RuntimeDirectory=a');
  }
});

test('who logs people in writes at home, but not in that of root', () => {
  const readOnly = (change: Partial<Profile>) => linesOf('ReadOnlyPaths', change).join(' ');
  const login = did('/etc/pam.d/login', 'read');
  expect(readOnly(login)).toMatch(/-\/root( |$)/);
  expect(readOnly(login)).not.toMatch(/-\/home( |$)/);
});

describe('what was given away', () => {
  const gave = (what: string) => [{ call: 'chown', what, evidence: seen('chown') }];
  const kept = (change: Partial<Profile>) => linesOf('CapabilityBoundingSet', change).join(' ');
  const given = (path: string, kind: string, owner = '33:33:0755'): Profile['files'] => ({
    [path]: { real: [path], kind: [kind], owner: [owner], needs: [], format: [] },
  });
  const acts = (...names: Act[]) => Object.fromEntries(names.map((act) => [act, seen(act)]));

  test('to another group alone is still its own', () => {
    expect(kept({ privileged: gave('another group') })).not.toContain('DAC_OVERRIDE');
    expect(kept({ privileged: gave('another group') })).not.toContain('FOWNER');
  });

  test('needs no right to be opened where root has done with it', () => {
    const paths = { '/var/lib/a': acts('make-directory', 'chown') };
    const words = kept({ privileged: gave('another owner'), paths, files: given('/var/lib/a', 'directory') });
    expect(words).toContain('CAP_FOWNER');
    expect(words).not.toContain('DAC_OVERRIDE');
  });

  test('is opened again at the next start, as a file that is written and as a directory in which names are made', () => {
    const privileged = gave('another owner');
    const file = { '/run/a.pid': acts('create', 'write', 'chown') };
    const directory = { '/var/lib/a': acts('chown'), '/var/lib/a/new': acts('create') };
    expect(kept({ privileged, paths: file })).toContain('CAP_DAC_OVERRIDE');
    expect(kept({ privileged, paths: directory, files: given('/var/lib/a', 'directory') })).toContain(
      'CAP_DAC_OVERRIDE',
    );
  });

  test('a log is another’s after its rotation where the rules say so, or nobody knows', () => {
    const change = (create: string | undefined, owner: string): Partial<Profile> => ({
      credentials: [{ call: 'setuid', from: '0:0:0', to: '33:33:33', evidence: seen('setuid') }],
      paths: { '/var/log/a/log': acts('create', 'write') },
      files: given('/var/log/a/log', 'file', owner),
      rotated: { '/var/log/a': [{ logs: '*', by: 'a', ...(create === undefined ? {} : { create }) }] },
    });
    expect(kept(change('33:4:0640', '0:4:0640'))).toContain('CAP_DAC_OVERRIDE');
    expect(kept(change('0:4:0640', '0:4:0640'))).not.toContain('CAP_DAC_OVERRIDE');
    expect(kept(change(undefined, '0:4:0640'))).not.toContain('CAP_DAC_OVERRIDE');
  });
});

describe('what other services have in /run', () => {
  const neighbours = {
    '/run/other': ['other.service'],
    '/run/systemd/netif': ['networkd'],
    '/run/own': ['own.conf'],
  };
  const hidden = (change: Partial<Profile>) =>
    linesOf('InaccessiblePaths', { neighbours, ...change }).join(' ');

  test('is hidden where /run must be there as a whole, but for what is its own or everybody’s', () => {
    const words = hidden({
      ...did('/run/a.pid', 'create'),
      prepared: { '/run/own': [{ kind: 'directory', owner: '0:0:0755', by: 'own.conf' }] },
    });
    expect(words).toContain('-/run/other');
    expect(words).not.toMatch(/-\/run\/(own|systemd\/netif)/);
  });

  test('is not named where /run is empty, or where it was used', () => {
    expect(hidden(did('/run/a/pid', 'create'))).not.toContain('/run/other');
    const used = { ...did('/run/a.pid', 'create') };
    expect(hidden({ paths: { ...used.paths, '/run/other/x': { read: seen('openat') } } })).not.toContain(
      '-/run/other',
    );
  });
});

describe('what is closed to whom the daemon is where it serves', () => {
  const hidden = (as: string, owner: string) =>
    linesOf('InaccessiblePaths', {
      ...did('/srv/web/page', 'read', as),
      closed: { '/srv/web/secret': [owner] },
    }).join(' ');

  test('is hidden from root as well, and nothing else is', () => {
    expect(hidden('33', '0:0:0600')).toContain('-/srv/web/secret');
    expect(hidden('33', '33:33:0600')).not.toContain('/srv/web/secret');
    expect(hidden('33', '0:33:0640')).not.toContain('/srv/web/secret');
    expect(hidden('0', '0:0:0600')).not.toContain('/srv/web/secret');
  });
});

describe('a drop-in over a unit', () => {
  test('repeats what the unit forbids to execute where it empties the list', () => {
    const unit = (key: string) =>
      key === 'NoExecPaths' ? [{ words: ['/', '/opt'], place: { source: 'u', line: 1 } }] : [];
    const change = did('/usr/sbin/daemon', 'execute');
    const source = {
      name: 'log',
      how: 'traced',
      program: '/usr/sbin/daemon',
      architecture: 'x86-64',
      uid: 0,
      gid: 0,
    } as const;
    const profile: Profile = { ...emptyProfile(), sources: [source], ...change };
    const context: Context = {
      level: 'relaxed',
      systemd: 252,
      groups: groupsOfVersion(252),
      architecture: 'x86-64',
      onDeny: 'errno',
      network: false,
      bpf: undefined,
      confine: false,
    };
    const setting = inferSettings(profile, context, unit).settings.find(
      ({ directive }) => directive === 'NoExecPaths',
    );
    expect(setting?.assignments.map(({ words }) => words)).toEqual([
      [],
      expect.arrayContaining(['/', '/opt', '-/tmp']),
    ]);
  });
});

describe('what is set where nothing was seen, and what forbids it', () => {
  const cases: [string, string, Partial<Profile>, Asked?][] = [
    ['ProtectProc', 'ptraceable', did('/proc/1/stat', 'read')],
    ['ProtectProc', 'ptraceable', did('/proc/[traced]/stat', 'read', '33')],
    ['ProtectProc', 'ptraceable', did('/proc', 'list')],
    ['ProtectProc', 'ptraceable', { beside: { '/usr/bin/pkill': ['ExecReload= of a.service'] } }],
    ['ProcSubset', 'pid', did('/proc/sys/kernel/ngroups_max', 'read'), { level: 'minimal' }],
    [
      'ProcSubset',
      'pid',
      { tried: { '/proc/cpuinfo': { read: { ...seen('openat'), errno: 'ENOENT' } } } },
      { level: 'minimal' },
    ],
    ['KeyringMode', 'private', called('keyctl')],
    [
      'SecureBits',
      'noroot noroot-locked',
      { privileged: [{ call: 'prctl', what: 'PR_SET_SECUREBITS', evidence: seen('prctl') }] },
    ],
    [
      'SecureBits',
      'noroot noroot-locked',
      { privileged: [{ call: 'chown', what: 'another owner', evidence: seen('chown') }] },
    ],
    [
      'PrivateUsers',
      'yes',
      { privileged: [{ call: 'chown', what: 'another group', evidence: seen('chown', '33') }] },
      { uid: 33 },
    ],
    [
      'PrivateUsers',
      'yes',
      { credentials: [{ call: 'setgroups', from: '?', to: '', evidence: seen('setgroups') }] },
    ],
    ['PrivateUsers', 'yes', did('/run/daemon/socket', 'bind')],
    ['PrivateUsers', 'yes', { ...did('/usr/bin/su', 'execute'), files: file('/usr/bin/su', '0:0:4755') }],
    ['UMask', '0077', did('/var/lib/daemon/file', 'create')],
    ['UMask', '0077', did('/dev/shm/segment', 'create')],
    ['UMask', '0077', called('umask')],
    [
      'UMask',
      '0077',
      { tried: { '/var/lib/daemon': { 'make-directory': { ...seen('mkdir'), errno: 'EEXIST' } } } },
    ],
    ['RemoveIPC', 'yes', called('shmget'), { uid: 33 }],
    ['RemoveIPC', 'yes', did('/dev/shm/segment', 'create', '33'), { uid: 33 }],
  ];
  test.each(cases)('%s=%s: %o', (name, value, change, asked = {}) => {
    expect(linesOf(name, {}, asked)).toEqual([`${name}=${value}`]);
    expect(linesOf(name, change, asked)).not.toContain(`${name}=${value}`);
    expect(linesOf(name, {}, { ...asked, level: 'relaxed' })).toEqual([]);
  });

  test('a trace that begins in the middle leaves out what is about the whole', () => {
    const attached = { how: 'attached', level: 'minimal' } as const;
    for (const name of ['ProcSubset', 'PrivateUsers', 'SecureBits', 'UMask'])
      expect(linesOf(name, {}, attached), name).toEqual([]);
  });

  test('root may look at its own workers: they see nobody else then', () => {
    expect(linesOf('ProtectProc', did('/proc/[traced]/stat', 'read'))).toEqual(['ProtectProc=invisible']);
    expect(linesOf('ProtectProc', did('/proc/self/status', 'read'))).toEqual(['ProtectProc=ptraceable']);
  });

  test('files in a /tmp of its own are nobody else’s, whatever their mode', () => {
    expect(linesOf('UMask', did('/tmp/upload.Xy12Zq', 'create'))).toEqual(['UMask=0077']);
    expect(linesOf('UMask', did('/tmp/socket', 'bind'))).toEqual([]);
  });

  test('an unused /tmp is a tmpfs from 257 on, after the word that older ones know', () => {
    expect(linesOf('PrivateTmp', {}, { systemd: 257 })).toEqual([
      'PrivateTmp=yes',
      'PrivateTmp=disconnected',
    ]);
    expect(linesOf('PrivateTmp', {}, { systemd: 256 })).toEqual(['PrivateTmp=yes']);
    const used = did('/tmp/upload.Xy12Zq', 'create');
    expect(linesOf('PrivateTmp', used, { systemd: 257 })).toEqual(['PrivateTmp=yes']);
  });

  test('root needs no RemoveIPC=', () => {
    expect(linesOf('RemoveIPC', {})).toEqual([]);
  });
});

describe('capabilities of a daemon that starts as another user', () => {
  const bind = (as: string): Partial<Profile> => ({
    endpoints: [{ act: 'bind', family: 'AF_INET', address: '0.0.0.0', port: 80, evidence: seen('bind', as) }],
  });

  test('what worked tells that it had them: they are given to it, and kept', () => {
    const asked = { uid: 33 };
    expect(linesOf('AmbientCapabilities', bind('33'), asked)).toEqual([
      'AmbientCapabilities=CAP_NET_BIND_SERVICE',
    ]);
    expect(linesOf('CapabilityBoundingSet', bind('33'), asked)).toContain(
      'CapabilityBoundingSet=CAP_NET_BIND_SERVICE',
    );
  });

  test('a set-user-ID program may have been the one that had them', () => {
    const su = did('/usr/bin/su', 'execute', '33');
    const change = { ...bind('33'), ...su, files: file('/usr/bin/su', '0:0:4755') };
    expect(linesOf('AmbientCapabilities', change, { uid: 33 })).toEqual([]);
  });

  test('root has them anyway', () => {
    expect(linesOf('AmbientCapabilities', bind('0'))).toEqual([]);
  });
});

describe('advice stands in comments', () => {
  const becomes = (line: number): Partial<Profile> => ({
    credentials: [
      { call: 'setgid', from: '?:?:?', to: '108:108:108', evidence: seen('setgid', '0', line - 1) },
      { call: 'setuid', from: '0:0:0', to: '104:104:104', evidence: seen('setuid', '0', line) },
    ],
  });
  const key = '/etc/daemon/server.key';

  test('User= where root is left behind at once', () => {
    expect(linesOf('User', becomes(10))).toEqual(['# User=104', '# Group=108']);
    const port = {
      act: 'bind',
      family: 'AF_INET',
      address: '::',
      port: 53,
      evidence: seen('bind', '0', 5),
    } as const;
    expect(linesOf('User', { ...becomes(10), endpoints: [port] })).toContain(
      '# AmbientCapabilities=CAP_NET_BIND_SERVICE',
    );
  });

  test('no User= where a process of root may go on', () => {
    expect(linesOf('User', { ...becomes(10), ...called('clone', 5) })).toEqual([]);
    expect(linesOf('User', { ...becomes(10), ...did('/etc/daemon.conf', 'read', '0', 20) })).toEqual([]);
    expect(linesOf('User', { ...becomes(10), ...called('clone', 15) })).not.toEqual([]);
  });

  test('LoadCredential= for keys that only root reads', () => {
    const change = { ...becomes(10), ...did(key, 'read') };
    const lines = [`# LoadCredential=server.key:${key}`];
    expect(linesOf('LoadCredential', { ...change, files: file(key, '0:0:0600') })).toEqual(lines);
    expect(linesOf('LoadCredential', { ...change, files: file(key, '0:0:0644') })).toEqual([]);
    expect(linesOf('LoadCredential', { ...did(key, 'read'), files: file(key, '0:0:0600') })).toEqual([]);
  });

  test('DynamicUser= for root without need, with the directories that are its own', () => {
    const paths = {
      '/var/lib/daemon/data': { create: seen('openat') },
      '/run/daemon/state': { write: seen('openat') },
      '/etc/daemon.conf': { read: seen('openat') },
    };
    expect(linesOf('DynamicUser', { paths })).toEqual([
      '# DynamicUser=yes',
      '# RuntimeDirectory=daemon',
      '# StateDirectory=daemon',
    ]);
    expect(linesOf('DynamicUser', { paths, files: file('/etc/daemon.conf', '0:0:0600') })).toEqual([]);
    expect(linesOf('DynamicUser', did('/srv/data', 'write'))).toEqual([]);
    expect(linesOf('DynamicUser', { paths }, { uid: 33 })).toEqual([]);
  });

  test('PrivatePIDs= from 257 on, and not where numbers of processes go round', () => {
    const asked = { systemd: 257 };
    expect(linesOf('PrivatePIDs', {}, asked)).toEqual(['# PrivatePIDs=yes']);
    expect(linesOf('PrivatePIDs', called('setsid'), asked)).toEqual([]);
    expect(linesOf('PrivatePIDs', did('/run/daemon.pid', 'create'), asked)).toEqual([]);
    const signal = { call: 'kill', what: 'another process', evidence: seen('kill') };
    expect(linesOf('PrivatePIDs', { privileged: [signal] }, asked)).toEqual([]);
  });

  test('every line of it can be written', () => {
    const change = { ...becomes(10), ...did(key, 'read'), files: file(key, '0:0:0600') };
    const header = {
      tool: 'test',
      date: new Date(0),
      systemd: 252,
      level: 'balanced',
      sources: [],
      warnings: [],
    };
    const text = renderDropIn(header, settingsOf(change));
    expect(text).toContain(`\n# LoadCredential=server.key:${key}\n`);
    expect(text).toContain('\n# User=104\n# Group=108\n');
  });
});

describe('namespaces, by what the version knows', () => {
  const begins = (call: string, ...flags: string[]): Partial<Profile> => ({
    privileged: flags.map((what) => ({ call, what, evidence: seen(call) })),
  });
  const both = begins('unshare', 'CLONE_NEWNS', 'CLONE_NEWTIME');

  test('time is a word from 252 on: an unknown one would make systemd pass over the line', () => {
    for (const [systemd, line] of [
      [239, 'mnt'],
      [251, 'mnt'],
      [252, 'mnt time'],
    ] as const)
      expect(linesOf('RestrictNamespaces', both, { systemd })).toEqual([
        'RestrictNamespaces=',
        `RestrictNamespaces=${line}`,
      ]);
    expect(linesOf('RestrictNamespaces', begins('unshare', 'CLONE_NEWTIME'), { systemd: 250 })).toEqual([
      'RestrictNamespaces=',
      'RestrictNamespaces=yes',
    ]);
  });

  test('who begins them by clone3, whose flags no filter sees, could begin none', () => {
    expect(linesOf('RestrictNamespaces', begins('clone3', 'CLONE_NEWNS'))).toEqual([]);
    expect(linesOf('RestrictNamespaces', begins('setns', 'any type'))).toEqual([]);
  });
});

describe('memory and time, by what the version does', () => {
  const asks = (call: string, what: string, as = '0'): Partial<Profile> => ({
    privileged: [{ call, what, evidence: seen(call, as) }],
  });

  test('code that is made executable again is let through from 254 on', () => {
    const again = asks('mprotect', 'executable again');
    expect(linesOf('MemoryDenyWriteExecute', again, { systemd: 253 })).toEqual([]);
    expect(linesOf('MemoryDenyWriteExecute', again, { systemd: 254 })).toEqual([
      'MemoryDenyWriteExecute=yes',
    ]);
    for (const what of ['made executable', 'written and executed'])
      expect(linesOf('MemoryDenyWriteExecute', asks('mprotect', what), { systemd: 257 })).toEqual([]);
  });

  test('real-time scheduling that was got around the filter is real-time scheduling', () => {
    expect(linesOf('RestrictRealtime', asks('sched_setattr', 'SCHED_FIFO'))).toEqual([]);
    expect(linesOf('RestrictRealtime', asks('sched_setattr', 'SCHED_OTHER'))).toEqual([
      'RestrictRealtime=yes',
    ]);
    expect(linesOf('RestrictRealtime', asks('sched_setattr', 'limits of another process'))).toEqual([
      'RestrictRealtime=yes',
    ]);
  });
});

describe('capabilities that a trace does not show', () => {
  const kept = (change: Partial<Profile>, asked: Asked = {}) =>
    linesOf('CapabilityBoundingSet', change, { level: 'minimal', ...asked })
      .flatMap((line) => line.replace('CapabilityBoundingSet=', '').split(' '))
      .filter((word) => word !== '');
  const privileged = (call: string, what: string, as = '0') => ({ call, what, evidence: seen(call, as) });
  const owned = (path: string, act: Act, ...owners: [string, string][]): Partial<Profile> => ({
    ...did(path, act),
    files: Object.assign({}, ...owners.map(([place, owner]) => file(place, owner))),
  });

  test('of either of two the one that is needed anyway', () => {
    const closed = owned('/srv/x', 'read', ['/srv/x', '33:33:0600']);
    expect(kept(closed)).toEqual(['CAP_DAC_READ_SEARCH']);
    const both = owned('/srv/x', 'write', ['/srv/x', '33:33:0600']);
    const paths = { '/srv/x': { write: seen('openat'), read: seen('openat') } };
    expect(kept({ ...both, paths })).toEqual(['CAP_DAC_OVERRIDE']);
    const transparent = privileged('setsockopt', 'IP_TRANSPARENT');
    expect(kept({ privileged: [transparent] })).toEqual(['CAP_NET_RAW']);
    expect(kept({ privileged: [transparent, privileged('setsockopt', 'SO_MARK')] })).toEqual([
      'CAP_NET_ADMIN',
    ]);
  });

  test('a set that is named has to be there, whatever was done with it', () => {
    const change = { privileged: [privileged('capset', 'keeps SETUID,NET_RAW', '33')] };
    expect(kept(change)).toEqual(['CAP_NET_RAW', 'CAP_SETUID']);
    expect(kept({ privileged: [privileged('capset', 'keeps SETUID', '0 userns')] })).toEqual([]);
  });

  test('the owner decides over leases, times that stay, names in a sticky directory, and the bit of a group', () => {
    const foreign: [string, string] = ['/srv/d/x', '33:33:0644'];
    expect(kept(owned('/srv/d/x', 'lease', foreign))).toEqual(['CAP_LEASE']);
    expect(kept(owned('/srv/d/x', 'lease', ['/srv/d/x', '0:0:0644']))).toEqual([]);
    expect(kept(owned('/srv/d/x', 'no-atime', foreign))).toEqual(['CAP_FOWNER']);
    expect(kept(owned('/srv/d/x', 'remove', foreign, ['/srv/d', '34:34:1777']))).toEqual(['CAP_FOWNER']);
    expect(kept(owned('/srv/d/x', 'remove', foreign, ['/srv/d', '0:0:1777']))).toEqual([]);
    const chmod = owned('/srv/d/x', 'chmod', ['/srv/d/x', '0:33:2755']);
    expect(kept(chmod)).toEqual([]);
    expect(kept({ ...chmod, privileged: [privileged('fchmodat', 'set-ID mode')] })).toEqual(['CAP_FSETID']);
  });

  test('places of the kernel ask by their name, devices by their owner too', () => {
    expect(kept(did('/proc/kmsg', 'read'))).toEqual(['CAP_SYSLOG']);
    expect(kept(did('/proc/7/exe', 'stat'))).toEqual(['CAP_SYS_PTRACE']);
    expect(kept(did('/proc/self/exe', 'stat'))).toEqual([]);
    expect(kept(did('/proc/kmsg', 'read', '33'))).toEqual([]);
    expect(kept(owned('/dev/pts/0', 'write', ['/dev/pts/0', '1000:5:0620']))).toEqual(['CAP_DAC_OVERRIDE']);
  });

  test('what works for nobody without tells that another user than root had it', () => {
    const asked = { uid: 33 };
    expect(kept({ privileged: [privileged('setxattr', 'trusted', '33')] }, asked)).toEqual(['CAP_SYS_ADMIN']);
    expect(kept(did('/proc/kmsg', 'read', '33'), asked)).toEqual(['CAP_SYSLOG']);
    expect(kept({ privileged: [privileged('sendto', 'NETLINK_AUDIT user message', '33')] }, asked)).toEqual(
      [],
    );
  });
});
