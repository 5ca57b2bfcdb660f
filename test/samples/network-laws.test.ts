import { describe, expect, test } from 'vitest';
import { behavioursOf } from '../../src/directives/behaviour.ts';
import type { Level } from '../../src/directives/context.ts';
import type { Setting } from '../../src/directives/directive.ts';
import { MountView } from '../../src/directives/mount-view.ts';
import { inferSettings } from '../../src/directives/settings.ts';
import { renderAssignment } from '../../src/emit/drop-in.ts';
import { emptyProfile } from '../../src/profile/empty-profile.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { groupsOfVersion } from '../../src/syscall-groups/version-groups.ts';
import { minimalUnit } from '../../src/systemd/exec-start.ts';
import { hostSystemd } from '../../src/systemd/host-version.ts';
import { verifyDropIn } from '../../src/systemd/verify-unit.ts';
import { readingOf, sampleLogs } from './sample-logs.ts';
import { isMissed } from './taking-out.ts';

/** The laws for what --network adds: over every log, and beside them a profile that meets addresses of all kinds. */

const host = await hostSystemd();
const levels: readonly Level[] = ['minimal', 'balanced'];
const ofNetwork = new Set([
  'PrivateNetwork',
  'IPAddressDeny',
  'SocketBindDeny',
  'RestrictNetworkInterfaces',
  'DevicePolicy',
]);

function networkSettings(profile: Profile, level: Level): Setting[] {
  const { settings } = inferSettings(profile, {
    level,
    systemd: 252,
    groups: groupsOfVersion(252),
    architecture: 'x86-64',
    onDeny: 'errno',
    network: true,
    confine: false,
    bpf: undefined,
  });
  return settings.filter(({ directive }) => ofNetwork.has(directive));
}

function check(profile: Profile): void {
  const behaviours = [...behavioursOf(profile)];
  for (const level of levels) {
    const settings = networkSettings(profile, level);
    const denied = settings.flatMap((setting) =>
      behaviours
        .filter((seen) => setting.denies(seen, new MountView([])) !== undefined)
        .map((seen) => `${setting.directive}: ${JSON.stringify(seen)}`),
    );
    expect(denied, level).toEqual([]);
    if (level !== 'minimal') continue;
    const idle = settings.flatMap((setting) =>
      setting.grants
        .filter(({ value, witnesses }) => {
          const isSeen = witnesses.length > 0;
          return isSeen && !isMissed({ value, setting, settings, behaviours, version: 252 });
        })
        .map(({ value }) => `${setting.directive}=${value}`),
    );
    expect(idle).toEqual([]);
  }
}

describe('with --network what was seen passes, and at minimal nothing else could be taken out', () => {
  test.each(sampleLogs.map((log) => [log.name, log] as const))('%s', async (_name, log) => {
    check((await readingOf(log)).profile);
  });
});

const evidence = { call: 'a call', first: { source: 'log', line: 1 }, count: 1 };
const source = { name: 'log', how: 'traced' as const, program: '/usr/sbin/daemon', architecture: 'x86-64' };

test('addresses of all kinds, and what is none: systemd takes every line', async () => {
  const addresses = [
    '127.0.0.53',
    '0.0.0.0',
    '::ffff:127.0.0.1',
    '::ffff:192.0.2.9',
    '198.51.100.7',
    '255.255.255.255',
    '169.254.1.1',
    '224.0.0.251',
    '::1',
    '::',
    'fe80::1%3',
    'fe80:0:0:1::1',
    '2001:db8::1',
    'ff02::fb',
    'not an address',
    '1.2.3.4/0',
    'any',
    '__proto__',
    '',
  ];
  const endpoints = addresses.flatMap((address) =>
    (['bind', 'connect', 'send', 'accept'] as const).map((act) => {
      const family = address.includes(':') ? 'AF_INET6' : 'AF_INET';
      return { act, family, address, port: act === 'bind' ? 8080 : 0, evidence };
    }),
  );
  const profile: Profile = {
    ...emptyProfile(),
    sources: [source],
    families: { AF_INET: evidence, AF_INET6: evidence },
    endpoints,
    paths: { '/dev/net/tun': { read: evidence, write: evidence }, '/dev/sda1': { read: evidence } },
  };
  check(profile);
  const settings = networkSettings(profile, 'minimal');
  const lines = settings.flatMap(({ assignments }) => assignments).flatMap(renderAssignment);
  expect(lines).toEqual([
    'IPAddressDeny=any',
    'IPAddressAllow=',
    'IPAddressAllow=192.0.2.9/32 198.51.100.7/32 2001:db8::1/128 255.255.255.255/32 fe80:0:0:1::1/128 link-local',
    'IPAddressAllow=localhost multicast',
    'SocketBindDeny=any',
    'SocketBindAllow=',
    'SocketBindAllow=ipv4:8080',
    'SocketBindAllow=ipv6:8080',
    'DevicePolicy=closed',
    'DeviceAllow=/dev/net/tun rw',
    'DeviceAllow=/dev/sda1 r',
  ]);
  if (host === undefined) return;
  const dropIn = `[Service]\n${lines.join('\n')}\nRestrictNetworkInterfaces=\nRestrictNetworkInterfaces=lo\nPrivateNetwork=yes\n`;
  expect(await verifyDropIn(minimalUnit(['/bin/true']), dropIn)).toEqual([]);
});
