import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attacks, closers, things } from '../../src/attacks/attack-table.ts';
import { compare } from '../../src/attacks/compare.ts';
import { checkMachine, probeFile } from '../../src/attacks/probe-file.ts';
import type { AttackResult } from '../../src/attacks/result.ts';
import { runProbe } from '../../src/attacks/run-probe.ts';
import { bootMachine, type Machine, machineNeeds } from '../../src/systemd/machine.ts';
import { fullSandbox } from './full-sandbox.ts';
import { hostLacks } from './host-lacks.ts';

const built = (() => {
  try {
    return probeFile();
  } catch {
    return undefined;
  }
})();
const missing = built === undefined ? 'the probe is not built' : await machineNeeds();

const idsOf = (results: readonly AttackResult[], outcome: AttackResult['outcome']) =>
  results.filter((result) => result.outcome === outcome).map(({ id }) => id);

describe.skipIf(built === undefined)(`the probe (${built === undefined ? missing : 'built'})`, () => {
  test('its table and the one with titles have the same attacks, at the same paths, in the same order', async () => {
    const { stdout } = await execa(probeFile(), { env: { PROBE_MODE: 'list' } });
    const told = stdout.split('\n').map((line) => line.replace(/ (?!\/).*/, ''));
    expect(told).toEqual(attacks().map(({ id, path }) => (path === undefined ? id : `${id} ${path}`)));
    expect(new Set(attacks().map(({ id }) => id)).size).toBe(attacks().length);
  });

  test('each attack is a way to one thing, and there are over 80 things', () => {
    const named = new Set(attacks().map(({ thing }) => thing));
    expect([...named].sort()).toEqual(
      things()
        .map(({ id }) => id)
        .sort(),
    );
    expect(named.size).toBeGreaterThanOrEqual(80);
  });

  test('what closes an attack is an attack of the table', () => {
    const known = new Set(attacks().map(({ id }) => id));
    expect(closers().flatMap(({ closes }) => closes.filter((id) => !known.has(id)))).toEqual([]);
  });

  test('needs no library and no loader', async () => {
    const { stdout } = await execa('readelf', ['-lW', probeFile()]);
    expect(stdout).not.toContain('INTERP');
    expect(stdout).not.toContain('DYNAMIC');
  });
});

test('a probe for another kind of machine is told before it is tried', () => {
  expect(() => checkMachine(process.execPath, 'riscv64')).toThrow(
    /^The probe for attacks is for (?:x64|arm64), and this machine is riscv64: build this package/,
  );
  expect(() => checkMachine(process.execPath, process.arch)).not.toThrow();
});

describe.skipIf(missing !== undefined)(`attacks in a machine (${missing ?? 'it can be started'})`, () => {
  let machine: Machine;
  const unit = async (name: string, text: string) => {
    await machine.writeFile(`/etc/systemd/system/${name}`, text);
    return name;
  };
  beforeAll(async () => {
    machine = await bootMachine();
    await unit('plain.service', '[Service]\nExecStart=/usr/bin/sleep 5\n');
  });
  afterAll(() => machine?.stop());

  test('root without a sandbox can do everything that the host can do', async () => {
    const results = await runProbe(machine, 'plain.service');
    expect(results.map(({ id }) => id)).toEqual(attacks().map(({ id }) => id));
    expect(idsOf(results, 'closed')).toEqual([]);
    expect(idsOf(results, 'not-applicable').filter((id) => !hostLacks.has(id))).toEqual([]);
  });

  test('the tightest sandbox leaves nothing open, not even for root', async () => {
    const results = await runProbe(machine, 'plain.service', fullSandbox);
    expect(idsOf(results, 'open')).toEqual([]);
  });

  test('that the loader of libraries starts is not taken for the program that it may not load, with children and without', async () => {
    const lines = (calls: string) =>
      `[Service]\nSystemCallErrorNumber=EPERM\nNoExecPaths=/\nExecPaths=/usr/bin/sleep /lib64/ld-linux-x86-64.so.2\n${calls}`;
    for (const calls of ['', 'SystemCallFilter=~clone clone3 fork vfork\n']) {
      const results = await runProbe(machine, 'plain.service', lines(calls));
      expect(idsOf(results, 'closed')).toContain('run-by-loader');
    }
  }, 240_000);

  test('a sandbox that kills, and lets the probe have no children, is judged as one that answers with an error', async () => {
    const answers = await runProbe(machine, 'plain.service', fullSandbox);
    const kills = await runProbe(
      machine,
      'plain.service',
      `${fullSandbox}SystemCallErrorNumber=\nSystemCallFilter=~clone clone3 fork vfork\n`,
    );
    expect(idsOf(kills, 'open')).toEqual(idsOf(answers, 'open'));
    expect(kills.some(({ detail }) => detail === 'killed')).toBe(true);
  }, 240_000);

  test('one that kills but allows children says by what each child was killed', async () => {
    const lines = '[Service]\nSystemCallFilter=~@mount @keyring unlinkat unlink\nPrivateTmp=yes\n';
    const results = await runProbe(machine, 'plain.service', lines);
    const details = new Map(results.map(({ id, detail }) => [id, detail]));
    expect(details.get('mount-tmpfs')).toBe('SIGSYS');
    expect(details.get('add-key')).toBe('SIGSYS');
    // It was killed for cleaning up: the file was written by then.
    expect(idsOf(results, 'open')).toContain('write-etc');
  });

  test('no place to write, little of /proc, no sockets, little memory, no other task: the results get out', async () => {
    const lines = [
      ...[
        'ProtectSystem=strict',
        'ReadOnlyPaths=/dev /home /root',
        'ProcSubset=pid',
        'PrivateTmp=no',
        'TasksMax=1',
      ],
      ...['RestrictAddressFamilies=none', 'MemoryMax=4M', 'LimitNOFILE=16', 'LimitFSIZE=0', 'LimitNPROC=1'],
    ];
    const results = await runProbe(machine, 'plain.service', `[Service]\n${lines.join('\n')}\n`);
    expect(results).toHaveLength(attacks().length);
    expect(idsOf(results, 'closed')).toContain('write-etc');
  }, 240_000);

  test.each([
    ['Type=notify\nNotifyAccess=all\nWatchdogSec=10\nExecStart=/usr/bin/sleep 5\nRestart=always'],
    ['Type=forking\nPIDFile=/run/x.pid\nExecStartPre=/bin/false\nExecStart=-/usr/bin/sleep 5'],
    ['Type=dbus\nBusName=org.example.Probe\nExecStart=/usr/bin/sleep 5'],
    ['Type=oneshot\nRemainAfterExit=yes\nExecStart=/usr/bin/true\nExecStart=/usr/bin/sleep 5'],
    ['ExecStart=@/usr/bin/sleep other-name 5\nExecStopPost=/bin/false'],
    ['ExecStart=/bin/sh -c "exec sleep 5"'],
    ['ExecStart=sleep 5\nStandardOutput=null'],
    ['ExecStart=!/usr/bin/sleep 5\nDynamicUser=yes'],
    ['ExecStart=/usr/bin/sleep 5\nUser=nobody\nStateDirectory=own\nSystemCallFilter=@system-service'],
  ])('takes the place of the daemon of a unit with %j, and leaves it as it was', async (lines) => {
    const name = await unit('kind.service', `[Service]\n${lines}\n`);
    const before = await machine.run(['sha256sum', '/bin/sh', '/usr/bin/sleep']);
    const results = await runProbe(machine, name);
    expect(results).toHaveLength(attacks().length);
    expect(await machine.run(['sha256sum', '/bin/sh', '/usr/bin/sleep'])).toEqual(before);
  });

  test('runs as the user, in the place and with the sandbox of a template that a socket starts', async () => {
    await unit('asked@.socket', '[Socket]\nListenStream=/run/asked-%i\n');
    const text =
      '[Service]\nExecStart=/usr/bin/sleep 5\nUser=nobody\nStateDirectory=of-%i\nProtectSystem=strict\n';
    await unit('asked@.service', text);
    const results = new Map((await runProbe(machine, 'asked@one.service')).map((each) => [each.id, each]));
    expect(results.get('become-another-user')).toMatchObject({ outcome: 'closed', detail: 'EPERM' });
    expect(results.get('write-usr-bin')).toMatchObject({ outcome: 'closed' });
    expect(results.get('run-dropped-own')).toMatchObject({ outcome: 'open' });
  });

  test('with + no sandbox holds, and that is said', async () => {
    const name = await unit('plus.service', '[Service]\nExecStart=+/usr/bin/sleep 5\nProtectSystem=strict\n');
    expect(idsOf(await runProbe(machine, name), 'open')).toContain('write-usr-bin');
  });

  test('in another file tree only what lies there can be reached', async () => {
    const lines = 'RootDirectory=/srv/tree\nMountAPIVFS=yes\nBindReadOnlyPaths=/usr';
    await machine.run(['mkdir', '-p', '/srv/tree/usr']);
    const name = await unit('tree.service', `[Service]\nExecStart=/usr/bin/sleep 5\n${lines}\n`);
    const results = await runProbe(machine, name);
    expect(idsOf(results, 'open')).toContain('host-name');
    expect(idsOf(results, 'closed')).toEqual(expect.arrayContaining(['read-shadow', 'write-usr-bin']));
  });

  test('a unit that is not there, that starts nothing or that cannot be started, is told in one sentence', async () => {
    await expect(runProbe(machine, 'none.service')).rejects.toThrow('There is no unit none.service');
    const other = await unit('away.service', '[Service]\nExecStart=sleep 1\nRootDirectory=/srv\n');
    await expect(runProbe(machine, other)).rejects.toThrow('away.service sets RootDirectory=');
    const broken = await unit(
      'broken.service',
      '[Service]\nExecStart=/usr/bin/sleep 1\nReadWritePaths=/none\n',
    );
    await expect(runProbe(machine, broken)).rejects.toThrow('broken.service cannot be started');
  });

  test('before and after are compared by attack', async () => {
    const before = await runProbe(machine, 'plain.service');
    const after = await runProbe(machine, 'plain.service', '[Service]\nProtectHostname=yes\n');
    const { closed, opened } = compare(before, after);
    expect(closed).toEqual(['host-name', 'domain-name']);
    expect(opened).toEqual([]);
  });
});
