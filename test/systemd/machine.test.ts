import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { minimalUnit } from '../../src/systemd/exec-start.ts';
import { readMountTable } from '../../src/systemd/machine/mount-table.ts';
import { bootMachine, type Machine, machineNeeds } from '../../src/systemd/machine.ts';
import { leftovers, processesWith } from './leftovers.ts';

const missing = await machineNeeds();

/** Starts a unit that runs to its end under a drop-in, and says how it ended. */
async function startUnder(machine: Machine, name: string, unit: string, dropIn: string) {
  await machine.writeFile(`/run/systemd/system/${name}.service`, unit);
  await machine.writeFile(`/run/systemd/system/${name}.service.d/50-sandbox-profile.conf`, dropIn);
  await machine.run(['systemctl', 'daemon-reload']);
  const { exitCode } = await machine.run(['systemctl', 'start', `${name}.service`]);
  const status = await machine.run(['systemctl', 'show', '-P', 'ExecMainStatus', `${name}.service`]);
  const journal = await machine.run(['journalctl', '--no-pager', '-o', 'cat', '-u', `${name}.service`]);
  return { exitCode, status: Number(status.stdout), journal: journal.stdout };
}

describe.skipIf(missing !== undefined)(`a throw-away machine (${missing ?? 'can be started here'})`, () => {
  let machine: Machine;
  let took: number;

  beforeAll(async () => {
    const start = performance.now();
    machine = await bootMachine();
    took = Math.round(performance.now() - start);
  });
  afterAll(async () => {
    await machine?.stop();
  });

  test('boots a real systemd within seconds', async () => {
    console.log(`boot: ${took} ms`);
    expect(took).toBeLessThan(10_000);
    expect((await machine.run(['cat', '/proc/1/comm'])).stdout).toBe('systemd');
    const { stdout } = await machine.run(['systemctl', 'is-system-running', '--wait']);
    expect(stdout).toBe('running');
    expect((await machine.run(['systemctl', '--failed', '--no-legend', '--no-pager'])).stdout).toBe('');
  });

  test('keeps every capability that we have, and sees cgroup v2 only', async () => {
    const ours = /CapBnd:\s*(\S+)/.exec(await readFile('/proc/self/status', 'utf8'))?.[1];
    expect((await machine.run(['cat', '/proc/1/status'])).stdout).toContain(`CapEff:\t${ours}`);
    expect((await machine.run(['stat', '-f', '-c', '%T', '/sys/fs/cgroup'])).stdout).toBe('cgroup2fs');
  });

  test('confines a unit: ProtectSystem=strict makes /usr read-only', async () => {
    const unit = minimalUnit(['/usr/bin/touch', '/usr/sandbox-profile-test'], ['Type=oneshot']);
    const free = await startUnder(machine, 'free', unit, '[Service]\n');
    expect(free).toMatchObject({ exitCode: 0, status: 0 });
    const confined = await startUnder(machine, 'strict', unit, '[Service]\nProtectSystem=strict\n');
    expect(confined).toMatchObject({ exitCode: 1, status: 1 });
    expect(confined.journal).toContain('Read-only file system');
  });

  test('confines a unit: a denied system call kills it with SIGSYS', async () => {
    const unit = minimalUnit(['/usr/bin/mkdir', '/tmp/sandbox-profile-test-dir'], ['Type=oneshot']);
    const confined = await startUnder(machine, 'seccomp', unit, '[Service]\nSystemCallFilter=~mkdir\n');
    expect(confined).toMatchObject({ exitCode: 1, status: 31 });
    expect(existsSync(`${machine.root}/tmp/sandbox-profile-test-dir`)).toBe(false);
  });

  test('nothing that is written inside reaches the host', async () => {
    const paths = ['/usr', '/etc', '/tmp', '/var/lib', '/run', '/dev', '/root', '/dev/shm'];
    for (const directory of paths) {
      const path = `${directory}/sandbox-profile-test-file`;
      await machine.writeFile(path, 'inside');
      expect(await readFile(`${machine.root}${path}`, 'utf8')).toBe('inside');
      expect(existsSync(path)).toBe(false);
    }
    await machine.run(['rm', '-rf', '/usr/share/doc']);
    expect(existsSync('/usr/share/doc')).toBe(true);
    const hostname = await readFile('/proc/sys/kernel/hostname', 'utf8');
    expect((await machine.run(['hostname', 'inside'])).exitCode).toBe(0);
    expect(await readFile('/proc/sys/kernel/hostname', 'utf8')).toBe(hostname);
    for (const path of ['/proc/sys/kernel/pid_max', '/sys/kernel/profiling', '/proc/sys/fs/file-max']) {
      expect((await machine.run(['test', '-w', path])).exitCode, path).toBe(1);
    }
  });

  test('no mount of the machine is seen on the host', async () => {
    const mounts = readMountTable(await readFile('/proc/self/mountinfo', 'utf8'));
    expect(mounts.filter(({ path }) => path.includes('sandbox-profile'))).toEqual([]);
  });

  test('runs a command with input, as a user, and ends it with its children at the timeout', async () => {
    expect(await machine.run(['cat'], { input: 'a\nb' })).toMatchObject({ exitCode: 0, stdout: 'a\nb' });
    expect(await machine.run(['id', '-un'], { user: 'nobody' })).toMatchObject({ stdout: 'nobody' });
    expect(await machine.run(['no-such-program'])).toMatchObject({ exitCode: 127 });
    const late = await machine.run(['sh', '-c', 'sleep 1000 & sleep 1000'], { timeout: 200 });
    expect(late).toMatchObject({ timedOut: true, exitCode: 137 });
    expect((await machine.run(['pgrep', '-x', 'sleep'])).stdout).toBe('');
  });

  test('does not wait for what a command leaves running', async () => {
    const result = await machine.run(['sh', '-c', 'setsid sleep 1000 & echo started']);
    expect(result).toMatchObject({ exitCode: 0, stdout: 'started', timedOut: false });
  });

  test('writes a file with its mode, through links as they are inside', async () => {
    await machine.writeFile("/var/run/a b/it's 100% $HOME", Uint8Array.of(0, 255), 0o600);
    const { stdout } = await machine.run(['stat', '-c', '%a %s', "/run/a b/it's 100% $HOME"]);
    expect(stdout).toBe('600 2');
    expect(existsSync('/run/a b')).toBe(false);
  });

  test('a unit is given every argument byte for byte', async () => {
    const words = [
      '',
      ' ',
      ';',
      '%n',
      '$HOME',
      '$$',
      '$' + '{X}',
      '"',
      "'",
      '\\',
      '\\x41',
      'a\nb',
      '\t\u0001\u007f',
      'é\udcff\udc80',
      '@-+!:',
      '#',
      '*',
    ];
    const unit = minimalUnit(
      ['/bin/sh', '-c', 'cat /proc/$$/cmdline >/run/words', 'sh', ...words],
      ['Type=oneshot'],
    );
    expect(await startUnder(machine, 'words', unit, '[Service]\n')).toMatchObject({ status: 0 });
    const { stdout } = await machine.run(['od', '-An', '-v', '-tx1', '/run/words']);
    const seen = Buffer.from(stdout.replace(/\s/g, ''), 'hex').toString('latin1').split('\0').slice(4, -1);
    const bytes = words.map((word) =>
      Buffer.concat(
        [...word].map((c) =>
          /[\udc80-\udcff]/u.test(c) ? Buffer.of(c.charCodeAt(0) - 0xdc00) : Buffer.from(c),
        ),
      ).toString('latin1'),
    );
    expect(seen).toEqual(bytes);
  });

  test('a program with blanks, $ and % in its name can be started', async () => {
    const program = '/usr/local/bin/a $b 100%n';
    await machine.run(['cp', '/bin/sh', program]);
    const unit = minimalUnit([program, '-c', 'echo "$$0" >/run/name'.replace('$$', '$')], ['Type=oneshot']);
    expect(await startUnder(machine, 'odd-name', unit, '[Service]\n')).toMatchObject({ status: 0 });
    expect((await machine.run(['cat', '/run/name'])).stdout).toBe(program);
  });

  test('a full disk is an error in one sentence', async () => {
    const small = await bootMachine({ size: '4M' });
    try {
      const failure = small.writeFile('/tmp/big', new Uint8Array(6 << 20));
      await expect(failure).rejects.toThrow(
        /^The file \/tmp\/big cannot be written in the machine: .*No space left/,
      );
    } finally {
      await small.stop();
    }
  });

  test('a step of the boot that fails is an error in one sentence, and leaves nothing behind', async () => {
    const before = await leftovers(process.pid);
    await expect(bootMachine({ size: 'nonsense' })).rejects.toThrow(
      /^The machine did not start: could not mount a tmpfs for what the machine writes: mount: .*\.$/,
    );
    await expect(bootMachine({ timeout: 1 })).rejects.toThrow('The machine was not up within 0.001 seconds');
    expect(await leftovers(process.pid)).toEqual(before);
  });

  test('several can be started at once', async () => {
    const machines = await Promise.all([1, 2, 3].map(() => bootMachine()));
    const states = machines.map(
      async (one) => (await one.run(['systemctl', 'is-system-running', '--wait'])).stdout,
    );
    expect(await Promise.all(states)).toEqual(['running', 'running', 'running']);
    await Promise.all(machines.map((one) => one.stop()));
  });

  test('two machines side by side and the host do not meet', async () => {
    const other = await bootMachine();
    try {
      // Whether or not something listens there already, from now on the port is taken on the host.
      const server = createServer().listen(80, '127.0.0.1');
      await Promise.race([once(server, 'listening'), once(server, 'error')]);
      const unit = minimalUnit(['/usr/bin/python3', '-m', 'http.server', '80']);
      for (const one of [machine, other]) {
        await one.writeFile('/run/systemd/system/web.service', unit);
        await one.run(['systemctl', 'start', 'web.service']);
        const get = 'import urllib.request as u; print(u.urlopen("http://127.0.0.1/").status)';
        const retry = `import time\nfor _ in range(200):\n try:\n  ${get}\n  break\n except OSError: time.sleep(0.02)`;
        expect((await one.run(['python3', '-c', retry])).stdout).toBe('200');
      }
      server.close();
    } finally {
      await other.stop();
    }
    await expect(other.run(['true'])).rejects.toThrow('has been stopped');
    expect((await machine.run(['true'])).exitCode).toBe(0);
  });

  test('stop removes processes, cgroup and directory', async () => {
    const other = await bootMachine();
    await other.run(['sh', '-c', 'setsid sleep 987654 &']);
    const before = await leftovers(process.pid);
    await other.stop();
    await other.stop();
    const after = await leftovers(process.pid);
    expect(after.directories).toHaveLength(before.directories.length - 1);
    expect(after.cgroups).toHaveLength(before.cgroups.length - 1);
    expect(await processesWith('987654')).toEqual([]);
  });
});
