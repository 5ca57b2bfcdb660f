import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sampleLog } from './sample-logs.ts';

/** What people hand over by mistake, through the program as it is installed. */

const project = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'garbage-'));
const built = join(folder, 'built');
const cli = join(built, 'dist', 'cli.js');

beforeAll(async () => {
  // A build of its own: the project's may be old, or be in use.
  await execa('cp', ['-r', 'src', 'package.json', 'tsconfig.json', folder], { cwd: project });
  await execa('ln', ['-s', join(project, 'node_modules'), join(folder, 'node_modules')]);
  await execa(join(project, 'node_modules/.bin/tsc'), ['-p', '.', '--outDir', join(built, 'dist')], {
    cwd: folder,
  });
  await execa(
    'sh',
    [
      '-c',
      'cp package.json built/; cp -r src/syscall-groups/data built/dist/syscall-groups/; cp -r src/directives/data built/dist/directives/',
    ],
    { cwd: folder },
  );
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function replay(args: string[], input?: string) {
  const options = input === undefined ? { stdin: 'ignore' as const } : { input };
  return execa('node', [cli, 'replay', ...args], { reject: false, ...options });
}

function fileOf(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const png = Buffer.from(
  '89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000a49444154',
  'hex',
);

test.each([
  ['an empty file', () => fileOf('empty', '')],
  ['a picture', () => fileOf('a.png', png)],
  ['a program', () => process.execPath],
  ['one line of 50 MB', () => fileOf('long', Buffer.alloc(50_000_000, 'x'))],
  ['half a packed file', () => fileOf('half.gz', Buffer.from('1f8b080000000000000300', 'hex'))],
  ['text', () => fileOf('text', 'Dear all,\nthe log is attached.\n')],
  ['something like a profile', () => fileOf('a.json', '{"schema": 1, "__proto__": 3}')],
  ['half a profile', () => fileOf('half.json', '{"schema": 1, ')],
  ['a directory without files', () => mkdtempSync(join(folder, 'none-'))],
  ['a file that is not there', () => join(folder, 'missing')],
])('%s: one sentence, and exit status 1', async (_what, make) => {
  const { exitCode, stdout, stderr } = await replay([make()]);
  expect(stderr).toMatch(/^sandbox-profile: [^\n]{20,400}\.$/);
  expect(stderr).not.toMatch(/fault|\bat .*:\d+:\d+/);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
});

test('a log with a line of 50 MB in it, and one that is no line: a drop-in, and a count', async () => {
  const call = '1 openat(AT_FDCWD, "/srv/a", O_WRONLY) = 3\n';
  const path = fileOf('mixed', `${call}1 write(3, "${'x'.repeat(50_000_000)}\n1 read(\n${call}`);
  const { exitCode, stdout, stderr } = await replay([path]);
  expect(stdout).toContain('ReadWritePaths=');
  expect(stderr).toMatch(/^Read: 4 lines, of which [12] could not be read/m);
  expect(exitCode).toBe(0);
});

test('a log that ends in the middle of a line: a drop-in', async () => {
  const { exitCode, stdout, stderr } = await replay([sampleLog('nginx-cut').path]);
  expect(stdout).toContain('\n[Service]\n');
  expect(stderr).toMatch(/^Read: 434 lines/m);
  expect(exitCode).toBe(0);
});

test('a log from a pipe', async () => {
  const log =
    '1 execve("/bin/true", ["true"], 0x7ffc /* 1 var */) = 0\n1 exit_group(0) = ?\n1 +++ exited with 0 +++\n';
  const { exitCode, stdout, stderr } = await replay(['-'], log);
  expect(stdout).toContain('\n[Service]\n');
  expect(stderr).toMatch(/^Read: 3 lines, all of them/m);
  expect(exitCode).toBe(0);
});

test('strace into the pipe', async () => {
  const { stdout, stderr } = await execa('sh', [
    '-c',
    'strace -f -o /dev/stdout true | node "$0" replay -',
    cli,
  ]);
  expect(stdout).toContain('\n[Service]\n');
  expect(stderr).toMatch(/^Read: \d+ lines, all of them/m);
});
