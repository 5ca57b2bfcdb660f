import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { behavioursOf } from '../../src/directives/behaviour.ts';
import type { Context } from '../../src/directives/context.ts';
import type { UnitValues } from '../../src/directives/directive.ts';
import { AddressList } from '../../src/directives/internet-address.ts';
import { MountView } from '../../src/directives/mount-view.ts';
import { inferSettings } from '../../src/directives/settings.ts';
import { emptyProfile } from '../../src/profile/empty-profile.ts';
import type { Endpoint, Profile } from '../../src/profile/profile.ts';
import { groupsOfVersion } from '../../src/syscall-groups/version-groups.ts';

const evidence = { call: 'a call', first: { source: 'log', line: 1 }, count: 1 };
const source = { name: 'log', how: 'traced' as const, program: '/usr/sbin/daemon', architecture: 'x86-64' };

function settingsOf(change: Partial<Profile>, more: Partial<Context> = {}, unit: string[] = []) {
  const context: Context = {
    level: 'balanced',
    systemd: 252,
    groups: groupsOfVersion(252),
    architecture: 'x86-64',
    onDeny: 'errno',
    network: false,
    confine: false,
    bpf: true,
    ...more,
  };
  const values: UnitValues = (key) =>
    unit
      .filter((line) => line.startsWith(`${key}=`))
      .map((line) => ({
        words: line
          .slice(key.length + 1)
          .split(' ')
          .filter(Boolean),
        place: { source: 'unit', line: 1 },
      }));
  return inferSettings({ ...emptyProfile(), sources: [source], ...change }, context, values);
}

function lines(change: Partial<Profile>, more: Partial<Context> = {}, unit: string[] = []): string[] {
  return settingsOf(change, more, unit)
    .settings.filter(({ inForce }) => inForce)
    .flatMap(({ assignments }) => assignments.map(({ key, words }) => `${key}=${words.join(' ')}`));
}

function met(act: Endpoint['act'], address: string, port = 0): Partial<Profile> {
  const family = address.startsWith('@') ? 'AF_UNIX' : address.includes(':') ? 'AF_INET6' : 'AF_INET';
  return { families: { [family]: evidence }, endpoints: [{ act, family, address, port, evidence }] };
}

const family = (name: string): Partial<Profile> => ({ families: { [name]: evidence } });
const did = (path: string, ...acts: string[]): Partial<Profile> => ({
  paths: { [path]: Object.fromEntries(acts.map((act) => [act, evidence])) },
});

describe('PrivateNetwork', () => {
  test.each(['minimal', 'balanced'] as const)(
    'is set at %s where nothing was a matter of the network',
    (level) => {
      expect(lines({}, { level })).toContain('PrivateNetwork=yes');
      expect(lines(family('AF_UNIX'), { level })).toContain('PrivateNetwork=yes');
      expect(lines(family('AF_ALG'), { level })).toContain('PrivateNetwork=yes');
    },
  );

  const against: [string, Partial<Profile>][] = [
    ['an internet socket, though it met nobody', family('AF_INET')],
    ['a netlink socket', family('AF_NETLINK')],
    ['a packet socket', family('AF_PACKET')],
    ['an abstract socket of another', met('connect', '@/tmp/.X11-unix/X0')],
    ['an abstract socket that others may know', met('bind', '@daemon')],
    ['what the kernel tells of the network', did('/proc/net/dev', 'read')],
    ['settings of the network', did('/proc/sys/net/core/somaxconn', 'read')],
    ['a trace that begins in the middle', { sources: [{ ...source, how: 'attached' }] }],
    ['networks that it makes', { privileged: [{ call: 'unshare', what: 'CLONE_NEWNET', evidence }] }],
  ];
  test.each(against)('not with %s', (_why, change) => {
    expect(lines(change)).not.toContain('PrivateNetwork=yes');
  });

  test('not at relaxed', () => {
    expect(lines({}, { level: 'relaxed' }).join()).not.toMatch(/PrivateNetwork|IPAddress|SocketBind/);
  });

  test('at relaxed all devices but disks, unless one was opened', () => {
    const relaxed = { level: 'relaxed' as const };
    expect(lines({}, relaxed)).toEqual(
      expect.arrayContaining(['DevicePolicy=closed', 'DeviceAllow=char-* rw']),
    );
    const disk = { real: ['/dev/sdz'], kind: ['block'], owner: [], needs: [], format: [] };
    const opened = { ...did('/dev/sdz', 'read'), files: { '/dev/sdz': disk } };
    expect(lines(opened, relaxed).join()).not.toContain('Device');
  });

  test('sockets that systemd handed over don’t stand against it', () => {
    const accepted = { ...met('accept', '192.0.2.7'), families: {} };
    expect(lines(accepted)).toContain('PrivateNetwork=yes');
    expect(lines(accepted).join()).not.toContain('IPAddressDeny');
  });
});

test('families: none at minimal where no socket was made, and netlink for who asked it, be it for addresses only', () => {
  expect(lines({}, { level: 'minimal' })).toContain('RestrictAddressFamilies=none');
  expect(lines({})).toContain('RestrictAddressFamilies=AF_UNIX');
  expect(lines(family('AF_NETLINK'))).toContain('RestrictAddressFamilies=AF_NETLINK AF_UNIX');
});

describe('without --network', () => {
  test('no packet and no port where none was', () => {
    expect(lines({})).toEqual(
      expect.arrayContaining([
        'IPAddressDeny=any',
        'IPAddressAllow=',
        'SocketBindDeny=any',
        'SocketBindAllow=',
      ]),
    );
  });

  test('a client binds no port, and reaches everybody', () => {
    const client = lines(met('connect', '192.0.2.1', 443));
    expect(client).toContain('SocketBindDeny=any');
    expect(client.join()).not.toContain('IPAddress');
  });

  test('a server keeps all ports', () => {
    expect(lines(met('bind', '0.0.0.0', 80)).join()).not.toMatch(
      /IPAddress|SocketBind|RestrictNetworkInterfaces/,
    );
  });
});

describe('with --network', () => {
  const network = { network: true };

  test('a peer is let through by its address, and a listener’s peers are for a person to look at', () => {
    const { settings, warnings } = settingsOf(
      {
        families: { AF_INET: evidence },
        endpoints: [
          { act: 'bind', family: 'AF_INET', address: '0.0.0.0', port: 80, evidence },
          { act: 'accept', family: 'AF_INET', address: '192.0.2.7', port: 0, evidence },
        ],
      },
      network,
    );
    const setting = settings.find(({ directive }) => directive === 'IPAddressDeny');
    expect(setting?.grants.map(({ value, review }) => [value, review !== undefined])).toEqual([
      ['192.0.2.7/32', true],
      ['localhost', false],
    ]);
    expect(warnings.join('\n')).toContain('0.0.0.0 port 80');
  });

  test('ports: of both kinds of address at balanced, of the one that was seen at minimal', () => {
    const bound = met('bind', '::', 443);
    expect(lines(bound, network)).toContain('SocketBindAllow=443');
    expect(lines(bound, { ...network, level: 'minimal' })).toContain('SocketBindAllow=ipv6:443');
  });

  test('a port that the kernel chooses can’t be said: nothing is set, and a warning says so', () => {
    expect(lines(met('bind', '127.0.0.1', 0), network).join()).not.toContain('SocketBind');
    expect(settingsOf(met('bind', '127.0.0.1', 0), network).warnings.join()).toContain('port 0');
  });

  test('only the loopback interface where nothing else was met', () => {
    expect(lines(met('connect', '127.0.0.1', 5432), network)).toContain('RestrictNetworkInterfaces=lo');
    for (const other of [met('connect', '192.0.2.1', 80), met('bind', '0.0.0.0', 80), {}])
      expect(lines(other, network).join()).not.toContain('RestrictNetworkInterfaces');
  });

  test('more peers than can be named are everybody', () => {
    const endpoints = Array.from({ length: 300 }, (_, at) => ({
      ...{ act: 'accept' as const, family: 'AF_INET', port: 0, evidence },
      address: `198.51.${Math.floor(at / 200)}.${at % 200}`,
    }));
    const { warnings } = settingsOf({ endpoints }, network);
    expect(lines({ endpoints }, network).join()).not.toContain('IPAddress');
    expect(warnings.join()).toContain('too many addresses');
  });

  test('a trace that begins in the middle names nobody, and says so', () => {
    const attached = { ...met('accept', '127.0.0.1'), sources: [{ ...source, how: 'attached' as const }] };
    expect(lines(attached, network).join()).not.toMatch(/IPAddress|SocketBind|RestrictNetworkInterfaces/);
    expect(settingsOf(attached, network).warnings.join()).toContain('does not show the start');
  });
});

describe('over a unit that has lists already, nothing that it refuses gets through', () => {
  const peers: Partial<Profile> = {
    endpoints: ['127.0.0.1', '192.0.2.7', '198.51.100.1'].map((address) => ({
      ...{ act: 'connect' as const, family: 'AF_INET', port: 80, evidence },
      address,
    })),
  };
  const addressLines = (...unit: string[]) =>
    lines(peers, { network: true }, unit).filter((line) => line.startsWith('IPAddress'));

  test('addresses', () => {
    expect(addressLines('IPAddressDeny=any', 'IPAddressAllow=192.0.2.7')).toEqual([]);
    expect(addressLines('IPAddressDeny=any', 'IPAddressAllow=192.0.2.0/24 10.0.0.0/8 127.0.0.1')).toEqual([
      'IPAddressDeny=any',
      'IPAddressAllow=',
      'IPAddressAllow=192.0.2.7/32 127.0.0.1',
    ]);
    expect(addressLines('IPAddressDeny=198.51.100.0/24').at(-1)).toBe(
      'IPAddressAllow=192.0.2.7/32 localhost',
    );
  });

  test('ports', () => {
    const portLines = (...unit: string[]) =>
      lines(met('bind', '0.0.0.0', 80), { network: true }, unit).filter((line) =>
        line.startsWith('SocketBind'),
      );
    expect(portLines('SocketBindDeny=any', 'SocketBindAllow=ipv4:tcp:80')).toEqual([]);
    expect(portLines('SocketBindDeny=any', 'SocketBindAllow=tcp:80', 'SocketBindAllow=443').at(-1)).toBe(
      'SocketBindAllow=tcp:80',
    );
    expect(portLines('SocketBindDeny=any', 'SocketBindAllow=1-1024').at(-1)).toBe('SocketBindAllow=80');
  });

  test('devices', () => {
    const deviceLines = (...unit: string[]) =>
      lines(did('/dev/net/tun', 'read'), {}, unit).filter((line) => line.startsWith('Device'));
    expect(deviceLines('DevicePolicy=closed')).toEqual([]);
    expect(deviceLines('DeviceAllow=/dev/fuse rw')).toEqual([
      'DevicePolicy=closed',
      'DeviceAllow=/dev/net/tun r',
    ]);
  });
});

test('what needs the BPF framework counts for nothing where systemd has none, and says so', () => {
  const bind = [...behavioursOf({ ...emptyProfile(), ...met('bind', '0.0.0.0', 80) })];
  const denied = (bpf: boolean | undefined) => {
    const setting = settingsOf({}, { bpf }).settings.find(({ directive }) => directive === 'SocketBindDeny');
    return [
      setting?.reason.includes('does nothing'),
      bind.flatMap((seen) => setting?.denies(seen, new MountView([])) ?? []),
    ];
  };
  expect(denied(false)).toEqual([true, []]);
  expect(denied(true)).toEqual([false, ['EPERM']]);
  expect(denied(undefined)).toEqual([false, ['EPERM']]);
});

describe('DevicePolicy', () => {
  const kind = (path: string, ...kinds: string[]): Partial<Profile> => ({
    files: { [path]: { real: [path], kind: kinds, owner: [], needs: [], format: [] } },
  });

  test('is left to PrivateDevices where that one is set', () => {
    expect(lines(did('/dev/null', 'write'))).toContain('PrivateDevices=yes');
    expect(lines(did('/dev/null', 'write')).join()).not.toContain('DevicePolicy');
  });

  test('names the devices that were opened, with what was done', () => {
    const tun = lines(did('/dev/net/tun', 'read', 'write'));
    expect(tun).toEqual(expect.arrayContaining(['DevicePolicy=closed', 'DeviceAllow=/dev/net/tun rw']));
    const own = { ...did('/dev/gadget', 'read'), ...kind('/dev/gadget', 'character') };
    expect(lines(own)).toContain('DeviceAllow=/dev/gadget r');
  });

  test('is left out where nobody knows what was opened, and says so', () => {
    for (const path of ['/dev/gadget', '/dev/with blank', '/dev/100%']) {
      const change = { ...did(path, 'read'), ...(path === '/dev/gadget' ? {} : kind(path, 'character')) };
      expect(lines(change).join()).not.toContain('DevicePolicy');
      expect(settingsOf(change).warnings.join()).toContain(JSON.stringify(path));
    }
  });

  test('a node in another tree is the device that its name says, or unknown', () => {
    const other = {
      privileged: [{ call: 'ioperm', what: '', evidence }],
      syscalls: { ioperm: { count: 1, first: evidence.first } },
    };
    const inTree = (name: string) => ({
      ...other,
      ...did(`/srv/root/dev/${name}`, 'read'),
      ...kind(`/srv/root/dev/${name}`, 'character'),
    });
    expect(lines(inTree('urandom'))).toContain('DevicePolicy=closed');
    expect(lines(inTree('fuse')).join()).not.toContain('DevicePolicy');
  });
});

test('prefixes cover what Python’s ipaddress says they do', async () => {
  const words = [
    '10.0.0.0/8',
    '192.0.2.0/26',
    '0.0.0.0/0',
    '2001:db8::/33',
    'fe80::/64',
    '::/0',
    '2001:db8::8/125',
    '198.51.100.7/32',
  ];
  const addresses = [
    '10.255.0.1',
    '11.0.0.0',
    '192.0.2.63',
    '192.0.2.64',
    '2001:db8:7fff::',
    '2001:db8:8000::',
    'fe80::1',
    'fe80:0:0:1::1',
    '2001:db8::f',
    '2001:db8::10',
    '198.51.100.7',
    '198.51.100.6',
  ];
  const program =
    'import sys, ipaddress as i\nw, a = [x.split() for x in sys.argv[1:3]]\nprint([[int(i.ip_address(y) in i.ip_network(x)) for y in a] for x in w])';
  const { stdout } = await execa('python3', ['-c', program, words.join(' '), addresses.join(' ')]);
  const found = words.map((word) => addresses.map((address) => Number(new AddressList([word]).has(address))));
  expect(found).toEqual(JSON.parse(stdout));
});
