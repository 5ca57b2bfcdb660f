import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { preparedPaths } from '../../src/commands/prepared-paths.ts';
import { rotatedDirectories } from '../../src/commands/rotated-directories.ts';
import { bootMachine, type Machine, machineNeeds } from '../../src/systemd/machine.ts';

const missing = await machineNeeds();
const filesIn = async (directory: string) =>
  (await readdir(directory).catch(() => [])).map((name) => join(directory, name));
const installed = new Map([
  ['installed', [...(await filesIn('/usr/lib/tmpfiles.d')), ...(await filesIn('/etc/logrotate.d'))]],
]);

describe.skipIf(missing !== undefined)(`on a booted machine (${missing ?? 'can be started here'})`, () => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await bootMachine();
  });
  afterAll(async () => {
    await machine?.stop();
  });

  test('systemd-tmpfiles makes the directories that are said to be prepared, of that owner and mode', async () => {
    const prepared = Object.entries(preparedPaths(installed)).filter(([, entries]) =>
      entries.every(({ kind }) => kind === 'directory'),
    );
    expect(prepared.length).toBeGreaterThan(0);
    // Only what was not there before shows what tmpfiles makes of it.
    await machine.run([
      'sh',
      '-c',
      'rm -rf -- "$@"; systemd-tmpfiles --create --boot',
      'sh',
      ...prepared.map(([path]) => path).filter((path) => /^\/run\/(?!systemd|log|user|lock)/.test(path)),
    ]);
    for (const [path, entries] of prepared) {
      if (!path.startsWith('/run/')) continue;
      const { stdout } = await machine.run(['stat', '-c', '%u:%g:%04a', path]);
      expect(`${path} ${stdout.trim()}`).toBe(`${path} ${entries[0]?.owner}`);
    }
  });

  test.skipIf(!existsSync('/usr/sbin/logrotate'))(
    'logrotate gives a new log to whom the profile says, in a directory that it names',
    async () => {
      const rules = `"${'/var/log/try/first.log'}" /var/log/try/other.log
/var/log/try/*.txt
{
  missingok
  su root root
  create 0640 daemon adm
  postrotate
    create 0777 bin bin
  endscript
}
weekly
/var/log/*/deep.log { 
  create 0600 bin bin
}
`;
      const directory = await mkdtemp(join(tmpdir(), 'sandbox-profile-rotate-'));
      try {
        await writeFile(join(directory, 'try'), rules);
        const found = rotatedDirectories(new Map([['try', [join(directory, 'try')]]]), directory);
        const by = `${directory}/try of try`;
        const owners = { create: '1:4:0640', su: '0:0' };
        expect(found).toEqual({
          '/var/log/try': ['*.txt', 'first.log', 'other.log'].map((logs) => ({ logs, by, ...owners })),
        });
        await machine.writeFile('/run/try-rotation', rules);
        for (const name of ['first.log', 'other.log', 'some.txt'])
          await machine.writeFile(`/var/log/try/${name}`, 'x');
        await machine.run(['logrotate', '-f', '/run/try-rotation']);
        for (const name of ['first.log', 'other.log', 'some.txt']) {
          const { stdout } = await machine.run(['stat', '-c', '%u:%g:%04a', `/var/log/try/${name}`]);
          expect(`${name} ${stdout.trim()}`).toBe(`${name} 1:4:0640`);
        }
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
  );
});

test('every rotation of the installed packages in a plain directory is found', async () => {
  const found = rotatedDirectories(installed);
  const named = new Set(Object.values(found).flatMap((entries) => entries.map(({ by }) => by)));
  for (const path of await filesIn('/etc/logrotate.d')) {
    const heads = (await readFile(path, 'utf8')).match(/^"?\/.*$/gm) ?? [];
    const logs = heads.flatMap((line) => line.replace('{', ' ').trim().split(/\s+/));
    const isPlain = logs.some((log) => /^"?\/[^*?[]*\/[^/]+$/.test(log));
    expect(`${path} ${named.has(`${path} of installed`)}`).toBe(`${path} ${isPlain}`);
  }
});

describe('lines of tmpfiles.d', () => {
  async function prepared(text: string, override?: string) {
    const directory = await mkdtemp(join(tmpdir(), 'sandbox-profile-tmpfiles-'));
    try {
      const places = [join(directory, 'above'), directory];
      await mkdir(join(directory, 'above'));
      await writeFile(join(directory, 'try.conf'), text);
      if (override !== undefined) await symlink(override, join(directory, 'above', 'try.conf'));
      return preparedPaths(new Map([['try', ['/usr/lib/tmpfiles.d/try.conf']]]), places);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
  const paths = async (text: string) => Object.keys(await prepared(text));

  test('what only changes, cleans or removes prepares nothing', async () => {
    const lines = ['e', 'z', 'Z', 'r', 'R', 'x', 'X', 'w', 't', 'a', 'h'].map(
      (type) => `${type} /run/a 0755`,
    );
    expect(await paths(lines.join('\n'))).toEqual([]);
    expect(await paths('# d /run/a\n\nd /home/a\nd run/a\nd /run/%H\nd /run/a%')).toEqual([]);
  });

  test('a file of the administrator masks the one of the package', async () => {
    expect(await prepared('d /run/a', '/dev/null')).toEqual({});
  });

  test('defaults, specifiers, quotes, prefixes and /var/run', async () => {
    const text = 'd! /var/run/a\nD+ "%t/b c" ~0700 :daemon -\nf %S/d\nL /run/e - - - - /run/f';
    const found = await prepared(text);
    expect(Object.fromEntries(Object.entries(found).map(([path, [entry]]) => [path, entry?.owner]))).toEqual({
      '/run/a': '0:0:0755',
      '/run/b c': '1:0:0700',
      '/var/lib/d': '0:0:0644',
      '/run/e': '0:0:0644',
    });
  });
});
