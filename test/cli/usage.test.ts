import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { describe, expect, it } from 'vitest';
import { cli, emptyDirectory, isSentence, run } from './start-cli.ts';

describe('a wrong command line', () => {
  it.each([
    [[], /Name a program behind --/],
    [['python3', '-m', 'http.server'], /stands behind --/],
    [['--bogus', '--', 'true'], /bogus/],
    [['--pid', '1', '--', 'true'], /exclude each other/],
    [['--pid', 'x'], /--pid takes the number/],
    [['--pid', '-3'], /--pid takes the number/],
    [['--pid', '1', '--user', 'nobody'], /--user/],
    [['--duration', 'soon', '--', 'true'], /--duration takes a time/],
    [['--duration', '', '--', 'true'], /--duration was given without a value/],
    [['--duration', '0', '--', 'true'], /--duration takes a time/],
    [['--duration', '-5s', '--', 'true'], /--duration takes a time/],
    // A timer of so long fires at once.
    [['--duration', '30d', '--', 'true'], /at most/],
    [['-o', 'a', '-o', 'b', '--', 'true'], /--output can be given only once/],
    [['-o', '', '--', 'true'], /--output was given without a value/],
    [['--level', 'high', '--', 'true'], /--level takes one of minimal, balanced, relaxed/],
    [['--systemd', 'new', '--', 'true'], /--systemd takes a version/],
    [['replay'], /Name a log/],
    [['replay', '--bogus', 'x'], /bogus/],
    [['replay', '--cwd', 'here', 'x'], /--cwd takes an absolute path/],
    [['replay', '--uid', '-1', 'x'], /--uid takes a number/],
  ])('%j: exit status 2, a sentence and a hint', async (args, what) => {
    const { status, stdout, stderr } = await run(args);
    expect(stderr).toMatch(what);
    expect(stderr).toMatch(/^Try: sandbox-profile (replay )?--help$/m);
    expect({ status, stdout, sentence: isSentence(stderr) }).toEqual({
      status: 2,
      stdout: '',
      sentence: true,
    });
  });

  it('takes file names behind -- for logs in replay', async () => {
    const { status, stderr } = await run(['replay', '--', '--nosuch.strace']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/--nosuch\.strace cannot be read/);
  });

  it('speaks English whatever the locale', () => {
    const { stderr } = execaSync(process.execPath, [cli, '--bogus'], {
      reject: false,
      env: { LANG: 'de_DE.UTF-8' },
    });
    expect(stderr).toMatch(/There is no option/);
  });
});

describe('what could not be done', () => {
  it.each([
    [['--', '/nosuch/program'], /there is no such file/],
    [['--user', 'nosuchuser', '--', 'true'], /no user named|Only root/],
    [['--pid', '999999999'], /There is no process 999999999/],
    [['-o', '/nosuch/x.conf', '--', 'true'], /there is no directory/],
    [['--profile', '/nosuch/x.json', '--', 'true'], /there is no directory/],
    [['--log', '/nosuch/x.strace', '--', 'true'], /there is no directory/],
    [['replay', '/nosuch/log'], /there is no such file/],
  ])('%j: exit status 1 and a sentence, before anything is traced', async (args, what) => {
    const { status, stdout, stderr } = await run(args);
    expect(stderr).toMatch(what);
    expect(stderr).not.toMatch(/Traced/);
    expect({ status, stdout, sentence: isSentence(stderr) }).toEqual({
      status: 1,
      stdout: '',
      sentence: true,
    });
  });

  it('leaves a file alone that --profile names and that is none', async () => {
    const directory = emptyDirectory();
    writeFileSync(join(directory, 'notes'), 'mine\n');
    const { status, stderr } = await run(['--profile', 'notes', '--', 'true'], directory);
    expect(status).toBe(1);
    expect(stderr).toMatch(/notes is no profile/);
    expect(stderr).not.toMatch(/Traced/);
  });
});

describe('help', () => {
  it.each([['--help'], ['replay', '--help']])('%s %s fits a screen and has examples', async (...args) => {
    const { status, stdout, stderr } = await run(args);
    const lines = stdout.split('\n');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(lines.length).toBeLessThanOrEqual(45);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(stdout).toMatch(/^Examples:$/m);
  });

  it('starts quickly: --version takes less than 2.5 times as long as node itself', () => {
    const time = (args: string[]) => {
      const begin = performance.now();
      execaSync(process.execPath, args);
      return performance.now() - begin;
    };
    const bare: number[] = [];
    const ours: number[] = [];
    for (let round = 0; round < 9; round++) {
      bare.push(time(['-e', '0']));
      ours.push(time([cli, '--version']));
    }
    // The quickest of several: what else the machine does only adds.
    expect(Math.min(...ours) / Math.min(...bare)).toBeLessThan(2.5);
  });
});
