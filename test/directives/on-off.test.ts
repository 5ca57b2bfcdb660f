import { describe, expect, test } from 'vitest';
import type { Context, Level } from '../../src/directives/context.ts';
import { inferSettings } from '../../src/directives/settings.ts';
import type { Act } from '../../src/profile/acts.ts';
import { emptyProfile } from '../../src/profile/empty-profile.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { groupsOfVersion } from '../../src/syscall-groups/version-groups.ts';

function settingsOf(change: Partial<Profile>, level: Level = 'balanced'): Record<string, string[]> {
  const source = { name: 'log', how: 'traced' as const, program: '/usr/sbin/daemon', architecture: 'x86-64' };
  const profile: Profile = { ...emptyProfile(), sources: [source], ...change };
  const groups = groupsOfVersion(252);
  const context: Context = {
    level,
    systemd: 252,
    groups,
    architecture: 'x86-64',
    onDeny: 'errno',
    network: false,
    confine: false,
    bpf: undefined,
  };
  const { settings } = inferSettings(profile, context);
  return Object.fromEntries(
    settings.map(({ directive, assignments }) => [directive, assignments.flatMap(({ words }) => words)]),
  );
}

const seen = (call: string, as?: string[]) => ({
  call,
  first: { source: 'log', line: 1 },
  count: 1,
  ...(as === undefined ? {} : { as }),
});
const called = (name: string): Partial<Profile> => ({
  syscalls: { [name]: { count: 1, first: seen('').first } },
});
const did = (path: string, act: Act): Partial<Profile> => ({
  paths: { [path]: { [act]: seen(act, ['0']) } },
});

describe('a switch is on until something is seen that it would refuse', () => {
  const cases: [string, Partial<Profile>][] = [
    ['ProtectKernelModules', called('finit_module')],
    ['ProtectKernelModules', did('/usr/lib/modules/6.1/modules.dep', 'read')],
    ['ProtectKernelLogs', called('syslog')],
    ['ProtectKernelLogs', did('/dev/kmsg', 'write')],
    ['ProtectKernelTunables', did('/proc/sys/kernel/core_pattern', 'write')],
    ['ProtectKernelTunables', did('/proc/kallsyms', 'read')],
    ['ProtectControlGroups', did('/sys/fs/cgroup/daemon', 'make-directory')],
    ['ProtectClock', called('adjtimex')],
    ['ProtectHostname', called('sethostname')],
    ['LockPersonality', called('personality')],
    ['PrivateMounts', { privileged: [{ call: 'mount', what: 'seen by others', evidence: seen('mount') }] }],
    ['PrivateIPC', called('shmget')],
    ['PrivateDevices', did('/dev/net/tun', 'write')],
    ['PrivateTmp', did('/tmp/.X11-unix/X0', 'connect')],
    ['PrivateTmp', did('/tmp/left-by-another', 'read')],
    ['RestrictSUIDSGID', called('openat2')],
    ['RestrictSUIDSGID', { privileged: [{ call: 'mkdir', what: 'set-ID mode', evidence: seen('mkdir') }] }],
    [
      'MemoryDenyWriteExecute',
      { privileged: [{ call: 'mmap', what: 'written and executed', evidence: seen('mmap') }] },
    ],
    ['ProtectHome', did('/home', 'create')],
    [
      'RestrictRealtime',
      {
        privileged: [
          { call: 'sched_setscheduler', what: 'SCHED_FIFO', evidence: seen('sched_setscheduler') },
        ],
      },
    ],
  ];
  test.each(cases)('%s', (directive, change) => {
    expect(settingsOf({})).toHaveProperty(directive);
    expect(settingsOf(change)).not.toHaveProperty(directive);
  });

  test('usual devices, files of its own in /tmp and reading /proc/sys leave them on', () => {
    const settings = settingsOf({
      paths: {
        '/dev/null': { write: seen('openat') },
        '/dev/urandom': { read: seen('openat') },
        '/tmp/upload.Xy12Zq': { create: seen('openat'), write: seen('openat'), remove: seen('unlink') },
        '/proc/sys/kernel/ngroups_max': { read: seen('openat') },
      },
    });
    for (const directive of ['PrivateDevices', 'PrivateTmp', 'ProtectKernelTunables']) {
      expect(settings).toHaveProperty(directive, ['yes']);
    }
  });

  test('homes that are only read are read-only', () => {
    expect(settingsOf(did('/home/ann/.profile', 'read'))).toHaveProperty('ProtectHome', ['read-only']);
  });
});

describe('capabilities', () => {
  const bind = (as: string[]): Partial<Profile> => ({
    endpoints: [{ act: 'bind', family: 'AF_INET', address: '0.0.0.0', port: 80, evidence: seen('bind', as) }],
  });

  test('none where none was used', () => {
    expect(settingsOf({})).toHaveProperty('CapabilityBoundingSet', []);
  });

  test('a low port asks for one of whoever has it, and of nobody else', () => {
    expect(settingsOf(bind(['0'])).CapabilityBoundingSet).toEqual(['CAP_NET_BIND_SERVICE']);
    expect(settingsOf(bind(['33 NET_BIND_SERVICE'])).CapabilityBoundingSet).toEqual(['CAP_NET_BIND_SERVICE']);
    expect(settingsOf(bind(['33'])).CapabilityBoundingSet).toEqual([]);
    expect(settingsOf(bind(['0 none'])).CapabilityBoundingSet).toEqual([]);
  });

  test("root needs one to write another's file, and none for its own or what all may write", () => {
    const write = (owner: string): Partial<Profile> => ({
      ...did('/srv/file', 'write'),
      files: {
        '/srv/file': { real: ['/srv/file'], kind: ['file'], owner: [owner], needs: [], format: [] },
        '/srv': { real: ['/srv'], kind: ['directory'], owner: ['0:0:0755'], needs: [], format: [] },
      },
    });
    expect(settingsOf(write('33:33:0640')).CapabilityBoundingSet).toEqual(['CAP_DAC_OVERRIDE']);
    expect(settingsOf(write('0:0:0644')).CapabilityBoundingSet).toEqual([]);
    expect(settingsOf(write('33:33:0666')).CapabilityBoundingSet).toEqual([]);
  });

  test('are not restricted by a trace that begins in the middle', () => {
    const source = { name: 'trace', how: 'attached' as const, program: '/usr/sbin/daemon', architecture: '' };
    expect(settingsOf({ sources: [source] })).not.toHaveProperty('CapabilityBoundingSet');
  });
});

test('namespaces: the types that were begun, none where none was', () => {
  const begun = { call: 'unshare', what: 'CLONE_NEWNET', evidence: seen('unshare', ['0']) };
  expect(settingsOf({}).RestrictNamespaces).toEqual(['yes']);
  expect(settingsOf({ privileged: [begun] }).RestrictNamespaces).toEqual(['net']);
});

test('LockPersonality= bears the personality that is there anyway, where that is known of every call', () => {
  const personality = (counts: Record<string, number>, all: number): Partial<Profile> => ({
    syscalls: { personality: { count: all, first: seen('').first } },
    privileged: Object.entries(counts).map(([what, count]) => ({
      call: 'personality',
      what,
      evidence: { ...seen('personality'), count },
    })),
  });
  expect(settingsOf(personality({ PER_LINUX: 2 }, 2))).toHaveProperty('LockPersonality');
  expect(settingsOf(personality({ PER_LINUX: 2 }, 3))).not.toHaveProperty('LockPersonality');
  expect(settingsOf(personality({ PER_LINUX: 1, '0xffffffff': 1 }, 2))).not.toHaveProperty('LockPersonality');
});
