import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
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
