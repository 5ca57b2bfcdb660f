import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Behaviour } from '../../src/directives/behaviour.ts';
import type { Context } from '../../src/directives/context.ts';
import type { Directive, UnitValues } from '../../src/directives/directive.ts';
import { MountView } from '../../src/directives/mount-view.ts';
import { ambientCapabilities } from '../../src/directives/plugins/ambient-capabilities.ts';
import { keyringMode } from '../../src/directives/plugins/keyring-mode.ts';
import { privatePids } from '../../src/directives/plugins/private-pids.ts';
import { privateUsers } from '../../src/directives/plugins/private-users.ts';
import { procSubset } from '../../src/directives/plugins/proc-subset.ts';
import { protectProc } from '../../src/directives/plugins/protect-proc.ts';
import { secureBits } from '../../src/directives/plugins/secure-bits.ts';
import { umask } from '../../src/directives/plugins/umask.ts';
import type { Act } from '../../src/profile/acts.ts';
import { groupsOfVersion } from '../../src/syscall-groups/version-groups.ts';
import { minimalUnit } from '../../src/systemd/exec-start.ts';
import { bootMachine, type Machine, machineNeeds } from '../../src/systemd/machine.ts';

/** What the directives about processes, users and keys say that they refuse, held against a systemd that does. */

const missing = await machineNeeds();
const probe = readFileSync(new URL('process-probe.py', import.meta.url));
const context: Context = {
  level: 'balanced',
  systemd: 252,
  groups: groupsOfVersion(252),
  architecture: 'x86-64',
  onDeny: 'errno',
  network: false,
  bpf: undefined,
  confine: false,
};

const evidence = (call: string, as = '0') => ({
  call,
  first: { source: 'log', line: 1 },
  count: 1,
  as: [as],
});
const path = (act: Act, name: string, as = '0'): Behaviour => ({
  kind: 'path',
  act,
  path: name,
  facts: { real: [name], kind: [], needs: [] },
  evidence: evidence(act, as),
});
const called = (name: string): Behaviour => ({ kind: 'call', name, evidence: evidence(name) });
const used = (name: string, call: string, as = '0'): Behaviour => ({
  kind: 'capability',
  name,
  evidence: evidence(call, as),
});
const asked = (call: string, what: string): Behaviour => ({
  kind: 'privileged',
  call,
  what,
  evidence: evidence(call),
});

/** What a directive says of a behaviour where a unit sets it to this. */
function saidOf(directive: Directive, words: string[], behaviour: Behaviour): string {
  const unit: UnitValues = (key) =>
    key === directive.name ? [{ words, place: { source: 'unit', line: 1 } }] : [];
  const present = directive.read(unit, context);
  expect(present, `${directive.name}=${words.join(' ')}`).toBeDefined();
  return present?.setting.denies(behaviour, new MountView(present.setting.mounts)) ?? 'ok';
}

describe.skipIf(missing !== undefined)(`a real systemd (${missing ?? 'can be started here'})`, () => {
  let machine: Machine;
  let started = 0;

  beforeAll(async () => {
    machine = await bootMachine();
    await machine.writeFile('/opt/probe.py', probe);
    const prepare =
      'touch /opt/group-file /opt/other-file; chmod 640 /opt/group-file; chown 0:4 /opt/group-file; chmod 600 /opt/other-file; chown 33:33 /opt/other-file';
    await machine.run(['sh', '-c', prepare]);
  });
  afterAll(async () => {
    await machine?.stop();
  });

  /** Runs a part of the probe as a unit with these lines, and gives what it printed, by name. */
  async function probed(part: string, lines: string[]): Promise<Record<string, string>> {
    const name = `probe-${++started}`;
    const output = `/run/${name}.txt`;
    const unit = minimalUnit(
      ['/usr/bin/python3', '/opt/probe.py', part],
      ['Type=oneshot', `StandardOutput=file:${output}`, ...lines],
    );
    await machine.writeFile(`/run/systemd/system/${name}.service`, unit);
    await machine.run(['systemctl', 'daemon-reload']);
    const { exitCode } = await machine.run(['systemctl', 'start', `${name}.service`]);
    const journal = await machine.run(['journalctl', '--no-pager', '-o', 'cat', '-u', `${name}.service`]);
    expect(exitCode, `${lines.join(' ')}\n${journal.stdout}`).toBe(0);
    const { stdout } = await machine.run(['cat', output]);
    return Object.fromEntries(stdout.split('\n').map((line) => line.split(' ') as [string, string]));
  }

  test.each([['default'], ['noaccess'], ['invisible'], ['ptraceable']])('ProtectProc=%s', async (value) => {
    const seen = await probed('processes', [
      `ProtectProc=${value}`,
      'CapabilityBoundingSet=CAP_SETUID CAP_SETGID',
    ]);
    const root = '0 SETGID,SETUID';
    const cases: [string, Behaviour][] = [
      ['root:stat:worker', path('stat', '/proc/[traced]', root)],
      ['root:open:worker', path('read', '/proc/[traced]/stat', root)],
      ['root:stat:first', path('stat', '/proc/1', root)],
      ['root:open:first', path('read', '/proc/1/stat', root)],
      ['worker:stat:master', path('stat', '/proc/[traced]', '33')],
      ['worker:open:master', path('read', '/proc/[traced]/stat', '33')],
      ['worker:stat:first', path('stat', '/proc/1', '33')],
      ['worker:open:first', path('read', '/proc/1/stat', '33')],
      ['worker:stat:self', path('stat', '/proc/self', '33')],
    ];
    for (const [name, behaviour] of cases) {
      // A process that the kernel has in mind already answers EPERM under `ptraceable`, one that it has to look for ENOENT.
      const result = value === 'ptraceable' ? seen[name]?.replace('EPERM', 'ENOENT') : seen[name];
      expect(`${name} ${result}`).toBe(`${name} ${saidOf(protectProc, [value], behaviour)}`);
    }
    // Children that stayed who they were are seen under each value: that `denies` doubts it is caution.
    expect(seen).toMatchObject({ 'root:stat:same': 'ok', 'root:open:same': 'ok' });
  });

  test('ProtectProc=ptraceable hides nothing from root with CAP_SYS_PTRACE', async () => {
    const seen = await probed('processes', ['ProtectProc=ptraceable']);
    expect(seen).toMatchObject({ 'root:open:worker': 'ok', 'root:open:first': 'ok' });
    expect(saidOf(protectProc, ['ptraceable'], path('read', '/proc/1/stat'))).toBe('ok');
  });

  test.each([['all'], ['pid']])('ProcSubset=%s, with the directives that mount in /proc', async (value) => {
    const seen = await probed('subset', [
      `ProcSubset=${value}`,
      'ProtectKernelTunables=yes',
      'ProtectKernelLogs=yes',
      'ProtectProc=ptraceable',
    ]);
    expect(Object.keys(seen)).toHaveLength(11);
    for (const [name, result] of Object.entries(seen)) {
      const behaviour = path('stat', name.replace('root:stat:', ''));
      expect(`${name} ${result}`).toBe(`${name} ${saidOf(procSubset, [value], behaviour)}`);
    }
  });

  test.each([['shared'], ['private']])('KeyringMode=%s', async (value) => {
    const seen = await probed('keys', [`KeyringMode=${value}`]);
    expect(seen['root:request_key:user']).toBe(saidOf(keyringMode, [value], called('request_key')));
    expect(seen['root:keyctl:read']).toBe(saidOf(keyringMode, [value], called('keyctl')));
    expect(seen['root:add_key:session']).toBe(saidOf(keyringMode, [value], called('add_key')));
  });

  /** What root does with capabilities, each with the name under which the probe does it. */
  const capabilityUses: [string, Behaviour][] = [
    ['chown', used('CAP_CHOWN', 'chown')],
    ['read-of-other', used('CAP_DAC_READ_SEARCH', 'openat')],
    ['port', used('CAP_NET_BIND_SERVICE', 'bind')],
    ['hostname', used('CAP_SYS_ADMIN', 'sethostname')],
    ['setgroups', used('CAP_SETGID', 'setgroups')],
    ['setgid', used('CAP_SETGID', 'setgid')],
    ['setuid', used('CAP_SETUID', 'setuid')],
  ];
  const harmless = ['write', 'chown-self', 'keepcaps', 'journal'];

  test.each([['no'], ['yes']])('PrivateUsers=%s', async (value) => {
    const seen = await probed('users', [`PrivateUsers=${value}`]);
    for (const [name, behaviour] of capabilityUses)
      expect(`${name} ${seen[name]}`).toBe(`${name} ${saidOf(privateUsers, [value], behaviour)}`);
    expect(seen.chown).toBe(saidOf(privateUsers, [value], asked('chown', 'another owner and group')));
    for (const name of [...harmless, 'securebits']) expect(`${name} ${seen[name]}`).toBe(`${name} ok`);
  });

  test('PrivateUsers=yes leaves root its files, its groups, its journal, and Type=notify', async () => {
    const confined = ['PrivateUsers=yes', 'CapabilityBoundingSet=', 'SupplementaryGroups=adm'];
    const seen = await probed('users', confined);
    for (const name of [...harmless, 'read-by-group']) expect(`${name} ${seen[name]}`).toBe(`${name} ok`);
    const unit = minimalUnit(
      ['/bin/sh', '-c', 'systemd-notify --ready; exec sleep 1000'],
      ['Type=notify', 'NotifyAccess=all', ...confined],
    );
    await machine.writeFile('/run/systemd/system/notifies.service', unit);
    await machine.run(['systemctl', 'daemon-reload']);
    expect(await machine.run(['systemctl', 'start', 'notifies'], { timeout: 10_000 })).toMatchObject({
      exitCode: 0,
    });
    await machine.run(['systemctl', 'stop', 'notifies']);
  });

  test('SecureBits=noroot noroot-locked: being root gives no capability, and the bits stay', async () => {
    const bits = ['noroot', 'noroot-locked'];
    const seen = await probed('users', [`SecureBits=${bits.join(' ')}`]);
    for (const [name, behaviour] of capabilityUses) {
      expect(saidOf(secureBits, bits, behaviour), name).toBe('EPERM');
      expect(seen[name], name).toMatch(/^(?:EPERM|EACCES)$/);
    }
    expect(seen.securebits).toBe(saidOf(secureBits, bits, asked('prctl', 'PR_SET_SECUREBITS')));
    for (const name of harmless) expect(`${name} ${seen[name]}`).toBe(`${name} ok`);
  });

  test('SecureBits= is set for a user with no capability, behind the other locks', async () => {
    const lines = [
      'CapabilityBoundingSet=',
      'NoNewPrivileges=yes',
      'PrivateUsers=yes',
      'SecureBits=noroot noroot-locked',
    ];
    expect((await probed('port', ['User=daemon', ...lines])).port).toBe('EACCES');
    expect((await probed('port', lines)).port).toBe('EACCES');
  });

  test('AmbientCapabilities= gives a low port to another user than root, and only with the bounding set', async () => {
    const other = ['User=daemon', 'NoNewPrivileges=yes'];
    const ambient = 'AmbientCapabilities=CAP_NET_BIND_SERVICE';
    const bind = used('CAP_NET_BIND_SERVICE', 'bind', '1');
    expect((await probed('port', [...other, 'CapabilityBoundingSet=CAP_NET_BIND_SERVICE'])).port).toBe(
      'EACCES',
    );
    expect((await probed('port', [...other, ambient, 'CapabilityBoundingSet='])).port).toBe('EACCES');
    const given = await probed('port', [...other, ambient, 'CapabilityBoundingSet=CAP_NET_BIND_SERVICE']);
    expect(given.port).toBe(saidOf(ambientCapabilities, ['CAP_NET_BIND_SERVICE'], bind));
  });

  test('PrivatePIDs=yes: what the kernel does with process 1 of a namespace, and with numbers from outside', async () => {
    const first = 'unshare --pid --fork --mount-proc python3 /opt/probe.py first $$';
    const { stdout } = await machine.run(['sh', '-c', `${first}; exit 0`]);
    const results = Object.fromEntries(stdout.split('\n').map((line) => line.split(' ')));
    expect(results.kill).toBe(saidOf(privatePids, ['yes'], asked('kill', 'another process')));
    expect(results.proc).toBe(saidOf(privatePids, ['yes'], path('stat', '/proc/4321')));
    // It went on after a SIGTERM for which it has no handler.
    expect(results.number).toBe('1');
  });

  test('UMask=0077 refuses nothing: it takes bits from the mode', async () => {
    const seen = await probed('mode', ['UMask=0077']);
    expect(seen).toMatchObject({
      create: saidOf(umask, ['0077'], path('create', '/var/lib/mode')),
      mode: '0o600',
    });
  });

  test('RemoveIPC=yes takes away what a user left, and nothing of root', async () => {
    const left = async () =>
      (await machine.run(['sh', '-c', 'ls /dev/shm | grep -c left; ipcs -m | grep -c 5150'])).stdout;
    await probed('objects', ['User=daemon', 'RemoveIPC=no']);
    expect(await left()).toBe('1\n1');
    await probed('objects', ['User=daemon', 'RemoveIPC=yes']);
    expect(await left()).toBe('0\n0');
    await probed('objects', ['RemoveIPC=yes']);
    expect(await left()).toBe('1\n1');
  });
});
