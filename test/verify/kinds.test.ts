import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attacks } from '../../src/attacks/attack-table.ts';
import { verifyReportSchema } from '../../src/emit/verify-report.ts';
import { bootMachine, type Machine, machineNeeds } from '../../src/systemd/machine.ts';
import { cli } from '../cli/start-cli.ts';
import { must } from '../daemons/prepared.ts';
import { isAll, mayLack } from '../daemons/required.ts';
import { type Kind, kinds, tree } from './kinds.ts';

const missing = (await machineNeeds()) ?? (existsSync(cli) ? undefined : 'it was not built');
/** From an installed unit to a drop-in that was tried takes some ten seconds for each, so the others take `npm run daemons`. */
const quick = 'has an instance for each connection';

/** Everything happens in a machine, in which the command boots its own ones: other runs have units of these names, too. */
describe.skipIf(mayLack(missing))(`service profile, then verify (${missing ?? 'in machines'})`, () => {
  const directory = '/root';
  let outer: Machine;
  const all: Kind[] = Object.values(kinds);
  const directoryOf = ({ isUser }: Kind) => `/etc/systemd/${isUser === true ? 'user' : 'system'}`;
  const wants = '/etc/systemd/system/sockets.target.wants';

  beforeAll(async () => {
    outer = await bootMachine();
    for (const kind of all)
      for (const [name, text] of Object.entries(kind.files))
        await outer.writeFile(join(directoryOf(kind), name), text);
    const enabled = all.flatMap((kind) => kind.enabled ?? []);
    await must(
      outer,
      `mkdir -p ${wants}; for name in ${enabled.join(' ')}; do ln -s ../$name ${wants}; done
      for name in usr proc sys dev run tmp etc var/lib var/tmp; do mkdir -p ${tree}/$name; done
      for name in bin lib lib64; do ln -s usr/$name ${tree}/$name; done`,
    );
  });
  afterAll(async () => {
    await outer?.stop();
  });

  const ours = (words: readonly string[]) =>
    // Whoever called sudo: a user that every system has.
    outer.run(['/usr/bin/env', 'SUDO_UID=1', process.execPath, cli, ...words], { timeout: 280_000 });
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
      expect(Object.keys(JSON.parse(await must(outer, `cat ${saved}`)).paths)).toContain(saw);
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
      await outer.writeFile(dropIn, '[Service]\nProtectSystem=strict\n');
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
    await outer.writeFile(dropIn, '[Service]\nProtectHostname=yes\nProtectSytem=strict\n');
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
