import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { noStrace, titled } from '../trace-live/strace-here.ts';
import { cli, emptyDirectory, freePort, isSentence, python, run, start } from './start-cli.ts';

const isDropIn = (text: string) => text.startsWith('# Written by sandbox-profile') && text.endsWith('\n');

describe.skipIf(noStrace !== undefined)(titled('a program that is watched'), () => {
  it('is exercised once it listens; what the exercise prints goes to stderr, the drop-in to the file', async () => {
    const port = await freePort();
    const cwd = emptyDirectory();
    const { status, stdout, stderr } = await run(
      [
        '-o',
        'd.conf',
        '--exercise',
        `curl -s localhost:${port}/`,
        '--',
        python,
        '-m',
        'http.server',
        `${port}`,
      ],
      cwd,
    );
    expect(status).toBe(0);
    // The target keeps its own.
    expect(stdout).toMatch(/^Serving HTTP on/);
    expect(stdout).not.toMatch(/Service\]|DOCTYPE/);
    expect(stderr).toMatch(/the target is listening[\s\S]*DOCTYPE HTML[\s\S]*The exercise is over/);
    expect(stderr).toMatch(/Exposure .*: \d+\.\d \w+ before, \d+\.\d \w+ after|Seen:/);
    expect(stderr).toMatch(/install -D -m 644 d\.conf/);
    expect(readdirSync(cwd)).toEqual(['d.conf']);
    expect(isDropIn(readFileSync(join(cwd, 'd.conf'), 'utf8'))).toBe(true);
  });

  it.each([
    ['fails at once', ['--', 'sh', '-c', 'exit 3'], /ended with status 3/],
    ['is ended by a signal at once', ['--', 'sh', '-c', 'kill -SEGV $$'], /ended by SIGSEGV/],
    ['fails in its exercise', ['--exercise', 'exit 7', '--', 'sleep', '60'], /"exit 7" ended with status 7/],
    ['ends before its exercise', ['--exercise', 'true', '--', 'true'], /before the exercise could begin/],
  ])('that %s makes no drop-in, but with --accept-failed', async (_, args, reason) => {
    const refused = await run(args);
    expect(refused.stderr).toMatch(reason);
    expect(isSentence(refused.stderr)).toBe(true);
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    const accepted = await run(['--accept-failed', ...args]);
    expect(accepted.status).toBe(0);
    expect(isDropIn(`${accepted.stdout}\n`)).toBe(true);
    // Accepted is not forgotten.
    expect(accepted.stderr).toMatch(reason);
    expect(accepted.stdout).toMatch(/^# NOTE: .*--accept-failed/m);
  });

  it('whose port is taken makes no drop-in', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const { status, stdout, stderr } = await run([
      '--',
      python,
      '-m',
      'http.server',
      '-b',
      '127.0.0.1',
      `${port}`,
    ]);
    server.close();
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/The target ended with status 1 before it was ready/);
  });

  it('that ends well at once makes a drop-in', async () => {
    const { status, stdout } = await run(['--', 'true']);
    expect(status).toBe(0);
    expect(isDropIn(`${stdout}\n`)).toBe(true);
  });

  it('is stopped after --duration', async () => {
    const { status, stderr } = await run(['--duration', '1s', '--', 'sleep', '60']);
    expect(status).toBe(0);
    expect(stderr).toMatch(/The time is up/);
  });

  it('is followed into the background until its last process ends', async () => {
    const cwd = emptyDirectory();
    const { status, stdout } = await run(
      ['--format', 'json', '--', 'sh', '-c', '(sleep 1; mkdir later) &'],
      cwd,
    );
    expect(status).toBe(0);
    expect(existsSync(join(cwd, 'later'))).toBe(true);
    expect(Object.keys(JSON.parse(stdout).profile.paths)).toContain(join(cwd, 'later'));
  });

  it('is asked to end by the first Ctrl-C; a second one that comes as it ends does not cost the drop-in', async () => {
    const watched = start(['--', 'sh', '-c', 'echo begun; exec sleep 60']);
    await watched.said(/begun/);
    watched.child.kill('SIGINT');
    await watched.said(/Stopping/);
    watched.child.kill('SIGINT');
    await watched.said(/Traced/);
    watched.child.kill('SIGINT');
    const { status, stdout } = await watched.ended;
    expect(status).toBe(0);
    expect(stdout).toMatch(/\[Service\]/);
  });

  it('is killed by the second Ctrl-C where it ignores the first, and still there is a drop-in', async () => {
    const watched = start(['--', 'sh', '-c', 'trap "" TERM; echo begun; while :; do sleep 0.1; done']);
    await watched.said(/begun/);
    watched.child.kill('SIGINT');
    await watched.said(/Stopping/);
    watched.child.kill('SIGINT');
    const { status, stdout } = await watched.ended;
    expect(status).toBe(0);
    expect(stdout).toMatch(/\[Service\]/);
  });

  it.each([[0], [90]])(
    'takes Ctrl-C from a terminal of %i columns, and shows counts where it knows its width',
    async (columns) => {
      const cwd = emptyDirectory();
      const terminal = new URL('./in-terminal.py', import.meta.url).pathname;
      const command = ['-o', 'd.conf', '--', 'sh', '-c', 'echo begun; exec sleep 60'];
      const { stdout, status } = await start(
        [`${columns}`, 'begun', process.execPath, cli, ...command],
        cwd,
        [python, terminal],
      ).ended;
      expect(status).toBe(0);
      if (columns > 0) expect(stdout).toMatch(/Tracing[^\n]*: 1 process, \d+ calls/);
      expect(stdout).toMatch(/Traced: /);
      expect(stdout.length).toBeLessThan(20_000);
      expect(isDropIn(readFileSync(join(cwd, 'd.conf'), 'utf8'))).toBe(true);
    },
  );

  it.skipIf(process.geteuid?.() !== 0)('starts as --user', async () => {
    const { status, stdout } = await run(['-o', 'd.conf', '--user', 'nobody', '--', 'id', '-un']);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'nobody' });
  });
});
