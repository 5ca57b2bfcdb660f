import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { minimalUnit } from '../../src/systemd/exec-start.ts';
import { readMountTable } from '../../src/systemd/machine/mount-table.ts';
import { bootMachine, type Machine, machineNeeds } from '../../src/systemd/machine.ts';

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

describe.skipIf(missing !== undefined)(
  `a machine whose owner is killed (${missing ?? 'can be started here'})`,
  () => {
    let built: string;

    beforeAll(async () => {
      // Node 20 cannot run TypeScript: the owner that is killed runs what the compiler makes, which must be able to find execa.
      built = await mkdtemp(join('node_modules', '.machine-test-'));
      const args = ['tsc', '-p', '.', '--outDir', built, '--declaration', 'false'];
      await execa('npx', args, { reject: false });
    });
    afterAll(async () => {
      await rm(built, { recursive: true, force: true });
    });

    test.for(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)(
      'dies by %s without a trace after the next start',
      async (signal) => {
        const module = JSON.stringify(join(process.cwd(), built, 'systemd', 'machine.js'));
        const code = `
      const { bootMachine } = await import(${module});
      const machine = await bootMachine();
      await machine.run(['sh', '-c', 'setsid sleep 123456 &']);
      console.log('up');
      setInterval(() => {}, 1000);`;
        const owner = spawn(process.execPath, ['--input-type=module', '-e', code], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        const pid = owner.pid ?? 0;
        await once(owner.stdout, 'data');
        expect(await leftovers(pid)).toMatchObject({
          directories: [expect.any(String)],
          cgroups: [expect.any(String)],
        });
        const gone = once(owner, 'exit');
        owner.kill(signal);
        await gone;
        const next = await bootMachine();
        expect(await leftovers(pid)).toEqual({ directories: [], cgroups: [] });
        expect(await processesWith('123456')).toEqual([]);
        expect(await readFile('/proc/self/mountinfo', 'utf8')).not.toContain(`-${pid}-`);
        await next.stop();
      },
    );

    test('that a process forgets to stop does not keep it from ending', async () => {
      const module = JSON.stringify(join(process.cwd(), built, 'systemd', 'machine.js'));
      const code = `const { bootMachine } = await import(${module}); await bootMachine();`;
      const { exitCode } = await execa(process.execPath, ['--input-type=module', '-e', code], {
        timeout: 20_000,
      });
      expect(exitCode).toBe(0);
    });
  },
);

/** What the machines of a process have left on the host. */
async function leftovers(pid: number) {
  const own = (name: string) => name.includes(`-${pid}-`);
  const directories = (await readdir('/run/sandbox-profile').catch(() => [])).filter(own);
  const mounts = readMountTable(await readFile('/proc/self/mountinfo', 'utf8'));
  const root = mounts.find(({ type }) => type === 'cgroup2')?.path ?? '/sys/fs/cgroup';
  const found = await execa('find', [root, '-type', 'd', '-name', 'sandbox-profile-*'], { reject: false });
  return { directories, cgroups: found.stdout.split('\n').filter(own) };
}

async function processesWith(word: string): Promise<string[]> {
  const { stdout } = await execa('ps', ['ax', '-o', 'args=']);
  return stdout.split('\n').filter((line) => line.startsWith('sleep') && line.includes(word));
}
