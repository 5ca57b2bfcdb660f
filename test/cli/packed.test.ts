import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa, execaSync } from 'execa';
import { expect, test } from 'vitest';
import { emptyDirectory } from './start-cli.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

test('the package that npm makes has every table, and works: replay and check read a log, the library is there', async () => {
  const directory = emptyDirectory();
  // `npm test` has built it; others read dist meanwhile.
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', directory];
  const { stdout } = await execa('npm', pack, { cwd: root });
  const [{ filename, files }] = JSON.parse(stdout);
  await execa('tar', ['-xzf', join(directory, basename(filename)), '-C', directory]);
  const home = join(directory, 'package');
  const packed: string[] = files.map(({ path }: { path: string }) => path);

  const tables = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.json'),
  );
  expect(tables.length).toBeGreaterThan(5);
  expect(tables.filter((path) => !packed.includes(`dist/${path}`))).toEqual([]);
  expect(packed.filter((path) => /^(?:src|test|scripts)\//.test(path))).toEqual([]);

  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  // Where the package is installed nothing is compiled; without a compiler here there is no package (prepack).
  if (existsSync(join(root, 'dist/attacks/probe'))) {
    const { stdout: attacks } = await execa(join(home, 'dist/attacks/probe'), {
      env: { PROBE_MODE: 'list' },
    });
    // Each with what it goes for.
    const tried = attacks.split('\n').map((line) => line.split(' ')[0]);
    const table = `import(${JSON.stringify(join(home, 'dist/attacks/attack-table.js'))}).then((it) => console.log(it.attacks().map(({ id }) => id).join('\\n')))`;
    expect(tried).toEqual((await execa(process.execPath, ['-e', table])).stdout.split('\n'));
  } else expect(compilers()).toEqual([]);

  const cli = join(home, 'dist/cli.js');
  const log = join(root, 'test/strace-samples/memcached.strace.gz');
  const dropIn = join(directory, 'made.conf');
  await execa(process.execPath, [cli, 'replay', '--root', 'none', '--systemd', '252', '-o', dropIn, log]);
  const text = readFileSync(dropIn, 'utf8');
  for (const line of ['[Service]', 'SystemCallFilter=', 'InaccessiblePaths='])
    expect(text).toContain(`\n${line}`);
  const checked = await execa(
    process.execPath,
    [cli, 'check', '--root', 'none', '--systemd', '252', dropIn, log],
    { reject: false },
  );
  expect(checked.stdout).toContain('nothing of what the log shows would be refused');
  expect(checked.exitCode).toBe(0);

  const entries = ['dist/index.js', 'dist/index.d.ts', 'README.md', 'docs/options.md'];
  expect(entries.filter((path) => !existsSync(join(home, path)))).toEqual([]);
  const library = `import(${JSON.stringify(join(home, 'dist/index.js'))}).then((it) => console.log(typeof it.reportSchema.parse))`;
  expect((await execa(process.execPath, ['-e', library])).stdout).toBe('function');
});

test('no package is made where the probe cannot be compiled', async () => {
  const directory = emptyDirectory();
  const script = join(root, 'scripts/build-probe.mjs');
  const target = join(directory, 'probe');
  const build = (...words: string[]) =>
    execa(process.execPath, [script, ...words, target], { env: { CC: '/none' }, reject: false });
  expect(await build()).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('is left out') });
  expect(await build('--needed')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('cannot be made'),
  });
  expect(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts.prepack).toContain('--needed');
});

/** Those that scripts/build-probe.mjs looks for. */
function compilers(): string[] {
  return ['cc', 'gcc', 'clang'].filter(
    (name) => execaSync(name, ['--version'], { reject: false }).exitCode === 0,
  );
}
