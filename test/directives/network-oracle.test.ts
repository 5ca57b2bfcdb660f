import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Behaviour } from '../../src/directives/behaviour.ts';
import type { Context } from '../../src/directives/context.ts';
import type { UnitValues } from '../../src/directives/directive.ts';
import { MountView } from '../../src/directives/mount-view.ts';
import { devicePolicy } from '../../src/directives/plugins/device-policy.ts';
import { ipAddressDeny } from '../../src/directives/plugins/ip-address-deny.ts';
import { privateNetwork } from '../../src/directives/plugins/private-network.ts';
import { restrictNetworkInterfaces } from '../../src/directives/plugins/restrict-network-interfaces.ts';
import { socketBindDeny } from '../../src/directives/plugins/socket-bind-deny.ts';
import { groupsOfVersion } from '../../src/syscall-groups/version-groups.ts';
import { minimalUnit } from '../../src/systemd/exec-start.ts';
import { hostSystemd } from '../../src/systemd/host-version.ts';
import { bootMachine, type Machine, machineNeeds } from '../../src/systemd/machine.ts';

/** What `denies` says of lines that somebody wrote, and what a service meets that a real systemd starts under these lines. */

const missing = await machineNeeds();
const host = await hostSystemd();

const models = [privateNetwork, ipAddressDeny, socketBindDeny, restrictNetworkInterfaces, devicePolicy];

/** Addresses that the machine has on its only interface: to a program those of the documentation blocks are outside. */
const outside = ['192.0.2.1', '192.0.2.77', '2001:db8::1'];
const addresses = ['127.0.0.1', '127.8.8.8', '::1', ...outside];

const networkActs = [
  ...addresses.flatMap((address) => [`connect ${address}`, `send ${address}`]),
  ...['0.0.0.0', '::', '127.0.0.1', '::1', '192.0.2.1', '2001:db8::1'].map((address) => `bind ${address}`),
  ...['127.0.0.1', '::1', '192.0.2.1', '192.0.2.77', '2001:db8::1'].map((address) => `accept ${address}`),
  ...['127.0.0.1', '::1'].map((address) => `own ${address}`),
  'abstract-connect',
  'abstract-bind',
  'abstract-own',
];
const nodes = ['/dev/null', '/dev/full', '/dev/urandom', '/dev/kmsg', '/dev/fuse'];
const deviceActs = ['read', 'write', 'mknod'].flatMap((act) => nodes.map((node) => `${act} ${node}`));

const networkCases = [
  '',
  'PrivateNetwork=yes',
  'PrivateNetwork=yes PrivateNetwork=no',
  'IPAddressDeny=any',
  'IPAddressDeny=any IPAddressAllow=localhost',
  'IPAddressDeny=any IPAddressAllow=192.0.2.1',
  'IPAddressDeny=any IPAddressAllow=192.0.2.1/32 IPAddressAllow=::1/128',
  'IPAddressDeny=any IPAddressAllow=192.0.2.0/26 IPAddressAllow=2001:db8::/127',
  'IPAddressDeny=any IPAddressAllow=link-local,multicast',
  'IPAddressDeny=any IPAddressAllow=any',
  'IPAddressDeny=any IPAddressAllow=localhost IPAddressAllow=',
  'IPAddressDeny=localhost',
  'IPAddressDeny=192.0.2.0/24 IPAddressAllow=192.0.2.1',
  'IPAddressDeny=any IPAddressDeny=',
  'IPAddressDeny=any PrivateNetwork=yes',
  'SocketBindDeny=any',
  'SocketBindDeny=any SocketBindAllow=ipv4:tcp:7300-7400',
  'SocketBindDeny=ipv6',
  'RestrictNetworkInterfaces=lo',
  'RestrictNetworkInterfaces=~lo',
];
const deviceCases = [
  '',
  'DevicePolicy=auto',
  'DevicePolicy=closed',
  'DevicePolicy=closed DeviceAllow=/dev/fuse,rw',
  'DevicePolicy=closed DeviceAllow=/dev/fuse,r',
  'DevicePolicy=closed DeviceAllow=/dev/fuse,m DeviceAllow=/dev/kmsg,w',
  'DevicePolicy=closed DeviceAllow=/dev/fuse',
  'DevicePolicy=closed DeviceAllow=/dev/fuse,rw DeviceAllow=',
  'DeviceAllow=/dev/kmsg,r',
  'DevicePolicy=strict DeviceAllow=/dev/null,rw DeviceAllow=/dev/urandom,r',
  'DevicePolicy=closed DevicePolicy=auto',
];
const cases = [
  ...networkCases.map((text) => ({ lines: linesOf(text), acts: networkActs })),
  ...deviceCases.map((text) => ({ lines: linesOf(text), acts: deviceActs })),
];

/** `Key=a,b Key=c`, where a comma stands for the blank between words. */
function linesOf(text: string): string[] {
  return text.split(' ').flatMap((line) => (line === '' ? [] : [line.replaceAll(',', ' ')]));
}

describe.skipIf(missing !== undefined)(
  `network and devices under a real systemd (${missing ?? 'in a throw-away machine'})`,
  () => {
    let machine: Machine;
    let outcomes: Map<string, string>[];

    beforeAll(async () => {
      machine = await bootMachine();
      outcomes = await outcomesIn(machine);
    });
    afterAll(async () => {
      await machine?.stop();
    });

    test('everything works without a sandbox, or the probe proves nothing', () => {
      const free = [...(outcomes[0] ?? []), ...(outcomes[networkCases.length] ?? [])];
      expect(free.map(([act]) => act)).toEqual([...networkActs, ...deviceActs]);
      expect(free.filter(([, outcome]) => outcome !== 'ok')).toEqual([]);
    });

    test('a socket that systemd hands over is heard from outside in a private network, whatever IPAddressDeny= says', async () => {
      const serve = 'import socket; socket.socket(fileno=3).accept()[0].sendall(b"heard")';
      const sandbox = ['PrivateNetwork=yes', 'IPAddressDeny=any'];
      const unit = (name: string, text: string) => machine.writeFile(`/run/systemd/system/${name}`, text);
      await unit('handed.socket', '[Socket]\nListenStream=192.0.2.1:7999\n');
      await unit('handed.service', minimalUnit(['/usr/bin/python3', '-c', serve], sandbox));
      await machine.run(['systemctl', 'daemon-reload']);
      await machine.run(['systemctl', 'start', 'handed.socket']);
      const call = 'import socket; print(socket.create_connection(("192.0.2.1", 7999), 5).recv(9).decode())';
      expect((await machine.run(['python3', '-c', call])).stdout).toBe('heard');
    });

    test('what denies says is what happens', () => {
      const wrong = cases.flatMap(({ lines, acts }, at) =>
        acts.flatMap((act) => {
          const [found, said] = [outcomes[at]?.get(act), predicted(lines, act, 7100 + 100 * at)];
          return said.includes(found ?? 'nothing')
            ? []
            : [`${lines.join(' ')}: ${act}: ${found}, not ${said}`];
        }),
      );
      expect(wrong).toEqual([]);
    });
  },
);

/** Runs all units at once, each with ports of its own. */
async function outcomesIn(machine: Machine): Promise<Map<string, string>[]> {
  const probe = '/opt/network-probe.py';
  await machine.writeFile(probe, await readFile(new URL('network-probe.py', import.meta.url)));
  const prepared = [
    ...outside.map((address) => `ip addr add ${address}/${address.includes(':') ? 128 : 32} dev lo nodad`),
    'mknod /dev/kmsg c 1 11',
    'mknod /dev/fuse c 10 229',
  ];
  const { exitCode, stderr } = await machine.run([
    'sh',
    '-ec',
    prepared.join('\n').replaceAll('/32 dev lo nodad', '/32 dev lo'),
  ]);
  expect(exitCode, stderr).toBe(0);
  const write = (name: string, argv: string[], lines: string[]) =>
    machine.writeFile(
      `/run/systemd/system/${name}.service`,
      minimalUnit(['/usr/bin/python3', probe, ...argv], lines),
    );
  await write('peer', ['peer', ...addresses], ['Type=notify']);
  const units = cases.map((_, at) => `case-${at}`);
  for (const [at, { lines, acts }] of cases.entries()) {
    const output = [`StandardOutput=truncate:/run/case-${at}.out`, 'Type=oneshot'];
    await write(`case-${at}`, ['try', String(7100 + 100 * at), ...acts], [...output, ...lines]);
  }
  await machine.run(['systemctl', 'daemon-reload']);
  const peer = await machine.run(['systemctl', 'start', 'peer']);
  expect(peer.exitCode, peer.stderr).toBe(0);
  await machine.run(['systemctl', 'start', ...units], { timeout: 120_000 });
  return Promise.all(
    units.map(async (unit) => {
      const { stdout } = await machine.run(['cat', `/run/${unit}.out`]);
      return new Map(
        stdout.split('\n').map((line): [string, string] => {
          const end = line.lastIndexOf(': ');
          return [line.slice(0, end), line.slice(end + 2)];
        }),
      );
    }),
  );
}

const context: Context = {
  level: 'minimal',
  systemd: host?.version ?? 252,
  groups: groupsOfVersion(252),
  architecture: 'x86-64',
  onDeny: 'errno',
  network: true,
  confine: false,
  bpf: host?.bpfFramework,
};

/** What the models of all lines say of an act: any of these may be what happens. */
function predicted(lines: readonly string[], act: string, port: number): string[] {
  const unit: UnitValues = (key) =>
    lines
      .map((line, at) => ({ line, place: { source: 'unit', line: at } }))
      .filter(({ line }) => line.startsWith(`${key}=`))
      .map(({ line, place }) => ({
        words: line
          .slice(key.length + 1)
          .split(' ')
          .filter(Boolean),
        place,
      }));
  const view = new MountView([]);
  const behaviours = behavioursOf(act, port + Math.max(0, networkActs.indexOf(act)));
  const errnos = models.flatMap((model) => {
    const setting = model.read(unit, context)?.setting;
    return behaviours.flatMap((behaviour) => setting?.denies(behaviour, view) ?? []);
  });
  return errnos.length === 0 ? ['ok'] : errnos;
}

const evidence = { call: 'mknod', first: { source: 'log', line: 1 }, count: 1 };

function behavioursOf(act: string, port: number): Behaviour[] {
  const [name = '', subject = ''] = act.split(' ');
  const family = subject.includes(':') ? 'AF_INET6' : 'AF_INET';
  const endpoint = { kind: 'endpoint', isOwn: false, family, address: subject, port, evidence } as const;
  const abstract = {
    kind: 'endpoint',
    isOwn: false,
    family: 'AF_UNIX',
    address: '@x',
    port: 0,
    evidence,
  } as const;
  switch (name) {
    case 'connect':
    case 'send':
      return [{ ...endpoint, act: name }];
    case 'bind': {
      // Others have to get there: they come from the loopback address, or from the one that is bound.
      const from = subject === '0.0.0.0' ? '127.0.0.1' : subject === '::' ? '::1' : subject;
      return [
        { ...endpoint, act: 'bind' },
        { ...endpoint, act: 'accept', address: from },
      ];
    }
    case 'accept':
      return [
        { ...endpoint, act: 'bind', address: family === 'AF_INET' ? '0.0.0.0' : '::' },
        { ...endpoint, act: 'accept' },
      ];
    case 'own':
      return [{ ...endpoint, act: 'connect', isOwn: true }];
    case 'abstract-connect':
      return [{ ...abstract, act: 'connect' }];
    case 'abstract-bind':
      return [{ ...abstract, act: 'bind' }];
    case 'abstract-own':
      return [{ ...abstract, act: 'connect', isOwn: true }];
    default: {
      const facts = { real: [subject], kind: ['character'], needs: [] };
      const done = name === 'mknod' ? 'make-node' : name === 'read' ? 'read' : 'write';
      return [{ kind: 'path', act: done, path: subject, facts, evidence }];
    }
  }
}
