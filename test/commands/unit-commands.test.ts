import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unitThatStarts } from '../../src/commands/likely-unit.ts';
import { unitCommands } from '../../src/commands/unit-commands.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'units-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

test('the programs of a unit: prefixes, arguments of a shell, continued lines, names to be looked up; not what runs outside', async () => {
  await writeFile(
    join(directory, 'try.service'),
    `[Service]
ExecStartPre=-/bin/mkdir -p /run/try
ExecStartPre=/bin/sh -c 'test -d /run/try || exec /usr/bin/env \\
  /usr/bin/id'
ExecStart=/usr/bin/sleep 9
ExecReload=kill -HUP $MAINPID
ExecStop=+/usr/bin/touch /etc/passwd
`,
  );
  await symlink('try.service', join(directory, 'alias.service'));
  const found = unitCommands('/bin/sleep', [directory]);
  const mkdir = ['ExecStartPre= of try.service'];
  expect(found).toMatchObject({
    '/bin/mkdir': mkdir,
    '/bin/sh': mkdir,
    '/usr/bin/env': mkdir,
    '/usr/bin/id': mkdir,
  });
  expect(Object.entries(found)).toContainEqual([
    expect.stringMatching(/\/kill$/),
    ['ExecReload= of try.service'],
  ]);
  expect(Object.keys(found).filter((path) => /touch|passwd/.test(path))).toEqual([]);
});

test('a program that no unit starts has nothing beside it', () => {
  expect(unitCommands('/usr/bin/true', [directory])).toEqual({});
  expect(unitCommands('/no/such/program', [directory])).toEqual({});
});

test('a drop-in counts: it may start another program, and what it takes back is not started', async () => {
  const units = join(directory, 'units');
  await mkdir(join(units, 'one.service.d'), { recursive: true });
  await writeFile(
    join(units, 'one.service'),
    '[Service]\nExecStart=/usr/bin/sleep 9\nExecReload=/usr/bin/kill 1\n',
  );
  await writeFile(
    join(units, 'one.service.d', 'a.conf'),
    '[Service]\nExecStart=\nExecStart=tail "-f" /dev/null\nExecReload=\nExecStartPre=/bin/mkdir -p /run/x ; /bin/ls\nExecPaths=/usr/bin/env\n',
  );
  expect(unitCommands('/usr/bin/sleep', [units])).toEqual({});
  expect(unitThatStarts('/usr/bin/tail', [units])).toBe('one.service');
  const before = ['ExecStartPre= of one.service'];
  expect(unitCommands('/usr/bin/tail', [units])).toEqual({
    '/bin/ls': before,
    '/bin/mkdir': before,
    '/usr/bin/tail': ['ExecStart= of one.service'],
  });
});

test('a template has no instance that could be restarted, though its commands are known', async () => {
  const units = join(directory, 'templates');
  await mkdir(units);
  await writeFile(join(units, 'one@.service'), '[Service]\nExecStart=/usr/bin/sleep %i\n');
  expect(unitThatStarts('/usr/bin/sleep', [units])).toBeUndefined();
  expect(unitCommands('/usr/bin/sleep', [units])).toEqual({
    '/usr/bin/sleep': ['ExecStart= of one@.service'],
  });
});
