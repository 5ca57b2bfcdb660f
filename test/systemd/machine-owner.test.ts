import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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

  test.for(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)(
    'dies by %s, and nothing is left after the next start',
    async (signal) => {
      const code = `${load}
        const machine = await bootMachine();
        await machine.run(['sh', '-c', 'setsid sleep 123456 &']);
        console.log('up');
        setInterval(() => {}, 1000);`;
      const node = ['--input-type=module', '-e', code];
      const owner = spawn(process.execPath, node, { stdio: ['ignore', 'pipe', 'inherit'] });
      const pid = owner.pid ?? 0;
      await once(owner.stdout, 'data');
      const [one] = [[expect.any(String)]];
      expect(await leftovers(pid)).toEqual({ directories: one, cgroups: one });
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

  test('ends although it has forgotten to stop the machine', async () => {
    const { exitCode } = await runNode([], `${load} await bootMachine();`);
    expect(exitCode).toBe(0);
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
