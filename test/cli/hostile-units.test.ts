import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sampleLog } from '../samples/sample-logs.ts';
import { emptyDirectory, isSentence, run } from './start-cli.ts';

const nginx = sampleLog('nginx').path;

describe('what is no unit file is told in one sentence', () => {
  it.each([
    [
      '50 MB',
      (path: string) => writeFileSync(path, `[Service]\n${'#comment\n'.repeat(6_000_000)}`),
      /over 4 MiB/,
    ],
    ['/dev/zero', (path: string) => symlinkSync('/dev/zero', path), /over 4 MiB/],
    ['a directory', (path: string) => mkdirSync(path), /is a directory/],
    ['a link to itself', (path: string) => symlinkSync(path, path), /in a circle/],
  ])('%s', async (_name, make, why) => {
    const cwd = emptyDirectory();
    make(join(cwd, 'unit.conf'));
    writeFileSync(join(cwd, 'mine.conf'), '[Service]\nProtectSystem=strict\n');
    const { status, stdout, stderr } = await run(
      ['check', '--root', 'none', '--unit', 'unit.conf', 'mine.conf', nginx],
      cwd,
    );
    expect({ status, stdout, sentence: isSentence(stderr) }).toEqual({
      status: 1,
      stdout: '',
      sentence: true,
    });
    expect(stderr).toMatch(why);
  });
});

describe('what is long is read to its end', () => {
  it.each([
    ['100,000 lines', 'ReadWritePaths=/srv/a\n'.repeat(100_000)],
    ['a line that goes on 100,000 times', `ReadWritePaths=\\\n${'/srv/a \\\n'.repeat(100_000)}\n`],
    ['nothing but quotes', `ReadWritePaths=${'"'.repeat(200_000)}${'\\\\'.repeat(100_000)}\n`],
  ])('%s', async (_name, text) => {
    const cwd = emptyDirectory();
    writeFileSync(join(cwd, 'unit.conf'), `[Service]\n${text}`);
    writeFileSync(join(cwd, 'mine.conf'), '[Service]\nProtectSystem=strict\n');
    const { status, stdout } = await run(
      ['check', '--root', 'none', '--unit', 'unit.conf', 'mine.conf', nginx],
      cwd,
    );
    expect(status).toBe(3);
    expect(stdout.length).toBeLessThan(10_000);
  });
});

it.each(['/run', '/srv'])(
  '10,000 directories below %s become a drop-in that systemd can bear',
  async (top) => {
    const cwd = emptyDirectory();
    const calls = Array.from(
      { length: 10_000 },
      (_, at) => `1 openat(AT_FDCWD, "${top}/d${at}/f", O_WRONLY|O_CREAT, 0644) = 3\n`,
    );
    writeFileSync(
      join(cwd, 't.strace'),
      `1 execve("/bin/x", ["x"], 0x7ffc /* 1 var */) = 0\n${calls.join('')}`,
    );
    const { status, stdout } = await run(['replay', '--root', 'none', 't.strace'], cwd);
    expect(status).toBe(0);
    const words = stdout.split('\n').filter((line) => /^(?:ReadWrite|Bind|NoExec)Paths=/.test(line));
    expect(words.join(' ').split(' ').length).toBeLessThan(300);
  },
);
