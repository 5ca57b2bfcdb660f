import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bootMachine, machineNeeds } from '../../src/systemd/machine.ts';
import { leftovers, processesWith } from './leftovers.ts';

const missing = await machineNeeds();

describe.skipIf(missing !== undefined)(`the owner of a machine (${missing ?? 'can be tried here'})`, () => {
  let built: string;
  let load: string;

  beforeAll(async () => {
    // Node 20 cannot run TypeScript: the owner runs what the compiler makes, at a place from where it can find execa.
    built = await mkdtemp(join(process.cwd(), 'node_modules', '.machine-test-'));
    await execa('npx', ['tsc', '-p', '.', '--outDir', built, '--declaration', 'false'], { reject: false });
    await chmod(built, 0o755);
    const module = JSON.stringify(join(built, 'systemd', 'machine.js'));
    load = `const { bootMachine, machineNeeds } = await import(${module});`;
  });
  afterAll(async () => {
    await rm(built, { recursive: true, force: true });
  });

  const nothing = { directories: [], cgroups: [] };
  const sleeps = () => `${load}
    const machine = await bootMachine();
    await machine.run(['sh', '-c', 'setsid sleep 123456 &']);
    console.log('up', process.pid);
    setInterval(() => {}, 1000);`;
  /** An owner whose machine is up, and ends it. */
  async function owner(before: readonly string[] = []) {
    const [program = '', ...args] = [...before, process.execPath, '--input-type=module', '-e', sleeps()];
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = await once(child.stdout, 'data');
    const pid = Number(/up (\d+)/.exec(String(said))?.[1]);
    const one = [expect.any(String)];
    expect(await leftovers(pid)).toEqual({ directories: one, cgroups: one });
    const end = async (signal: NodeJS.Signals) => {
      const gone = once(child, 'exit');
      child.kill(signal);
      return (await gone)[1];
    };
    return { pid, end };
  }

  test('dies by SIGKILL, and nothing is left after the next start', async () => {
    const { pid, end } = await owner();
    await end('SIGKILL');
    const next = await bootMachine();
    expect(await leftovers(pid)).toEqual(nothing);
    expect(await processesWith('123456')).toEqual([]);
    expect(await readFile('/proc/self/mountinfo', 'utf8')).not.toContain(`-${pid}-`);
    await next.stop();
  });

  test.for(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'dies by %s, and leaves nothing at once',
    async (signal) => {
      const { pid, end } = await owner();
      expect(await end(signal)).toBe(signal);
      expect(await leftovers(pid)).toEqual(nothing);
      expect(await processesWith('123456')).toEqual([]);
    },
  );

  test('was in another pid namespace: what it left goes when its machine is dead, and was not started just now', async () => {
    // Its number there is that of another process here, or of none.
    const { pid, end } = await owner(['unshare', '--pid', '--fork', '--kill-child', '--mount-proc']);
    const swept = async () => {
      await (await bootMachine()).stop();
      return leftovers(pid);
    };
    const [directory = ''] = (await leftovers(pid)).directories;
    const longAgo = new Date(Date.now() - 3_600_000);
    await utimes(join('/run/sandbox-profile', directory), longAgo, longAgo);
    expect((await swept()).directories).toEqual([directory]);
    await end('SIGKILL');
    await utimes(join('/run/sandbox-profile', directory), new Date(), new Date());
    expect((await swept()).directories).toEqual([directory]);
    await utimes(join('/run/sandbox-profile', directory), longAgo, longAgo);
    expect(await swept()).toEqual(nothing);
  });

  test('ends although it has forgotten to stop the machine, and leaves nothing', async () => {
    const { exitCode, stdout } = await runNode([], `${load} await bootMachine(); console.log(process.pid);`);
    expect(exitCode).toBe(0);
    expect(await leftovers(Number(stdout))).toEqual(nothing);
  });

  test('can be in a container or a service: on an overlay, in a cgroup of its own', async () => {
    const outer = await bootMachine();
    try {
      const code = `${load}
        const machine = await bootMachine();
        console.log((await machine.run(['systemctl', 'is-system-running', '--wait'])).stdout);
        await machine.stop();`;
      const command = [process.execPath, '--input-type=module', '-e', code];
      expect(await outer.run(command)).toMatchObject({ stdout: 'running', stderr: '' });
      const asService = [
        'systemd-run',
        '--wait',
        '--pipe',
        '--quiet',
        '--',
        ...command.map((word) => word.replaceAll('$', '$$$$')),
      ];
      expect(await outer.run(asService)).toMatchObject({ stdout: 'running' });
    } finally {
      await outer.stop();
    }
  });

  test('shows the machine what it has mounted below /, under odd names too, and nothing is written there', async () => {
    const directory = await mkdtemp('/var/tmp/sandbox-profile-test-');
    try {
      const odd = 'a b:c,d\\e';
      await mkdir(join(directory, odd));
      for (const name of ['file', 'other']) await writeFile(join(directory, name), name);
      const mounts =
        'mount -t tmpfs tmpfs "$1/$2"; echo host >"$1/$2/seen"; mount --bind "$1/other" "$1/file"; shift 2; exec "$@"';
      const paths = [join(directory, odd, 'seen'), join(directory, 'file')];
      const code = `${load}
        const { readFileSync } = await import('node:fs');
        const machine = await bootMachine();
        for (const path of ${JSON.stringify(paths)}) {
          console.log((await machine.run(['cat', path])).stdout);
          await machine.writeFile(path, 'inside');
          console.log(readFileSync(path, 'utf8').trim(), (await machine.run(['cat', path])).stdout);
        }
        console.log(machine.leftOut.length);
        await machine.stop();`;
      const { stdout } = await runNode(
        ['unshare', '--mount', 'sh', '-euc', mounts, 'sh', directory, odd],
        code,
      );
      expect(stdout.split('\n')).toEqual(['host', 'host inside', 'other', 'other inside', '0']);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  test('shows it what a mount of the host forbids', async () => {
    const directory = await mkdtemp('/var/tmp/sandbox-profile-test-');
    try {
      const mounts = `cd "$1"; shift; mkdir held free shut
        mount -t tmpfs -o nosuid,nodev,noexec tmpfs held; mount -t tmpfs tmpfs free; mount -t tmpfs tmpfs shut
        for each in held free shut; do cp /usr/bin/id $each; chmod u+s $each/id; mknod $each/null c 1 3; done
        mount -o remount,ro shut; exec "$@"`;
      const act = `cd "$1"; for each in held free shut; do
          echo $each $(touch $each/new && echo written) $(runuser -u nobody -- $each/id -u) $(echo x >$each/null && echo device)
        done 2>/dev/null`;
      const code = `${load}
        const machine = await bootMachine();
        console.log((await machine.run(['sh', '-c', ${JSON.stringify(act)}, 'sh', ${JSON.stringify(directory)}])).stdout);
        await machine.stop();`;
      await chmod(directory, 0o755);
      const { stdout } = await runNode(['unshare', '--mount', 'sh', '-euc', mounts, 'sh', directory], code);
      expect(stdout.split('\n')).toEqual(['held written', 'free written 0 device', 'shut 0 device']);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  test('gets none whose systemd denies nothing: the proof fails, and says so', async () => {
    const directory = await mkdtemp('/var/tmp/sandbox-profile-test-');
    try {
      await chmod(directory, 0o755);
      const real = '/usr/lib/systemd/systemd';
      await cp(real, join(directory, 'systemd'));
      const careless = `#!/bin/sh\nSYSTEMD_SECCOMP=0 exec ${join(directory, 'systemd')} "$@"\n`;
      await writeFile(join(directory, 'careless'), careless, { mode: 0o755 });
      const mounts = `mount --bind "$1/careless" ${real}; shift; exec "$@"`;
      const code = `${load} await bootMachine().catch((error) => console.log(process.pid, error.message));`;
      const { stdout } = await runNode(['unshare', '--mount', 'sh', '-euc', mounts, 'sh', directory], code);
      expect(stdout).toMatch(
        /^\d+ The systemd of the machine does not deny what SystemCallFilter= tells it to: nothing can be tried there/,
      );
      expect(await leftovers(Number.parseInt(stdout, 10))).toEqual(nothing);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  test('is told in one sentence why it can have none', async () => {
    const ask = `${load} console.log(await machineNeeds());`;
    const nobody = await runNode(['setpriv', '--reuid', '65534', '--clear-groups'], ask);
    expect(nobody.stdout).toBe('A throw-away machine can only be started by root.');
    const contained = await runNode(['setpriv', '--bounding-set=-sys_admin', '--inh-caps=-sys_admin'], ask);
    expect(contained.stdout).toMatch(
      /^A throw-away machine needs new namespaces .*: Operation not permitted$/,
    );
  });
});

async function runNode(before: readonly string[], code: string) {
  const [program = '', ...args] = [...before, process.execPath, '--input-type=module', '-e', code];
  return await execa(program, args, { timeout: 30_000, reject: false });
}
