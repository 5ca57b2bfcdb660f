import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attacks } from '../../src/attacks/attack-table.ts';
import { verifyReportSchema } from '../../src/emit/verify-report.ts';
import { machineNeeds } from '../../src/systemd/machine.ts';
import { cli } from '../cli/start-cli.ts';
import { type Kind, kinds, tree } from './kinds.ts';

const missing = (await machineNeeds()) ?? (existsSync(cli) ? undefined : 'it was not built');
/** From an installed unit to a drop-in that was tried takes some ten seconds for each, so the others take `npm run daemons`. */
const isAll = process.env.DAEMONS === 'all';
const quick = 'has an instance for each connection';

describe.skipIf(missing !== undefined)(`service profile, then verify (${missing ?? 'in machines'})`, () => {
  let directory: string;
  const all: Kind[] = Object.values(kinds);
  const directoryOf = ({ isUser }: Kind) => `/etc/systemd/${isUser === true ? 'user' : 'system'}`;
  const wants = '/etc/systemd/system/sockets.target.wants';

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kinds-'));
    await mkdir(wants, { recursive: true });
    await mkdir('/etc/systemd/user', { recursive: true });
    for (const kind of all) {
      for (const [name, text] of Object.entries(kind.files))
        await writeFile(join(directoryOf(kind), name), text);
      for (const name of kind.enabled ?? []) await symlink(`../${name}`, join(wants, name));
    }
    for (const name of ['usr', 'proc', 'sys', 'dev', 'run', 'tmp', 'etc', 'var/lib', 'var/tmp'])
      await mkdir(join(tree, name), { recursive: true });
    for (const name of ['bin', 'lib', 'lib64']) await symlink(`usr/${name}`, join(tree, name));
  });
  afterAll(async () => {
    for (const kind of all) {
      for (const name of Object.keys(kind.files)) await rm(join(directoryOf(kind), name), { force: true });
      for (const name of kind.enabled ?? []) await rm(join(wants, name), { force: true });
    }
    await rm(tree, { recursive: true, force: true });
    await rm(directory, { recursive: true, force: true });
  });

  const ours = (words: readonly string[]) =>
    // Whoever called sudo: a user that every system has.
    execa(process.execPath, [cli, ...words], { reject: false, env: { SUDO_UID: '1' } });
  const userOf = ({ isUser }: Kind) => (isUser === true ? ['--user'] : []);

  const titles = Object.keys(kinds) as (keyof typeof kinds)[];
  test.each(titles.filter((title) => isAll || title === quick))(
    'a unit that %s is profiled, and holds under its drop-in',
    async (title) => {
      const kind: Kind = kinds[title];
      const { name, exercise, saw } = kind;
      const [dropIn, saved] = [join(directory, `${name}.conf`), join(directory, `${name}.json`)];
      const use = [...userOf(kind), '--exercise', exercise];
      const profiled = await ours(['service', 'profile', ...use, '--profile', saved, '-o', dropIn, name]);
      expect(profiled.exitCode, profiled.stderr).toBe(0);
      expect(Object.keys(JSON.parse(await readFile(saved, 'utf8')).paths)).toContain(saw);
      const tried = await ours(['verify', name, dropIn, ...use, '--no-attacks', '--format', 'json']);
      const { works } = verifyReportSchema.parse(JSON.parse(tried.stdout));
      expect({ exitCode: tried.exitCode, holds: works?.holds }, tried.stdout).toEqual({
        exitCode: 0,
        holds: true,
      });
    },
    300_000,
  );

  test.runIf(isAll)(
    'one that is started again because it fails is no unit that restarts itself',
    async () => {
      const { name, exercise } = kinds['restarts itself'];
      const dropIn = join(directory, 'failing.conf');
      await writeFile(dropIn, '[Service]\nProtectSystem=strict\n');
      const words = ['verify', name, dropIn, '--exercise', exercise, '--no-attacks', '--format', 'json'];
      const { exitCode, stdout } = await ours(words);
      const { works } = verifyReportSchema.parse(JSON.parse(stdout));
      expect(exitCode).toBe(3);
      expect(works?.steps[0]?.why).toMatch(/^it ended with status 1; touch: .*Read-only file system$/);
      expect(works?.findings.map(({ directive }) => directive)).toEqual(['ProtectSystem']);
    },
    300_000,
  );

  test('attacks are tried where nothing else was asked for, in instances of a template too; ignored lines are told', async () => {
    const { name } = kinds[quick];
    const dropIn = join(directory, 'closing.conf');
    await writeFile(dropIn, '[Service]\nProtectHostname=yes\nProtectSytem=strict\n');
    const { exitCode, stdout, stderr } = await ours(['verify', name, dropIn, '--format', 'json']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const report = verifyReportSchema.parse(JSON.parse(stdout));
    expect(report.works).toBeNull();
    expect(report.ignored).toEqual([expect.stringMatching(/closing\.conf:3: .*ProtectSystem=\?$/)]);
    expect(report.attacks).toMatchObject({ closed: ['host-name', 'domain-name'], opened: [] });
    const { openBefore = [], notApplicable = [] } = report.attacks ?? {};
    expect(openBefore.length + notApplicable.length).toBe(attacks().length);
  });

  test.runIf(isAll).each([
    // The host's files are out of reach in another tree, and root's things are for a user.
    ['has a file tree of its own', 'write-root-directory', 'read-shadow'],
    ["is of a user's own manager", 'run-sh', 'write-etc'],
  ] as const)(
    'attacks of a unit that %s are tried from its place: %s is open, %s is not',
    async (title, open, closed) => {
      const kind: Kind = kinds[title];
      const words = ['verify', kind.name, ...userOf(kind), '--format', 'json'];
      const { exitCode, stdout, stderr } = await ours(words);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      const found = verifyReportSchema.parse(JSON.parse(stdout)).attacks?.openBefore;
      expect(found).toContain(open);
      expect(found).not.toContain(closed);
    },
    300_000,
  );
});
