import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  alwaysVisible,
  controlSockets,
  dangerousToWrite,
  directoriesOfOthers,
  groupStores,
  type KnownPlace,
  loginRecords,
  secrets,
  volatileConfiguration,
} from '../../src/directives/known-places.ts';
import { volatilePlaces, whySensitive } from '../../src/directives/sensitive-places.ts';
import { covers, isBelow } from '../../src/paths/covering-tree.ts';
import { bootMachine, machineNeeds } from '../../src/systemd/machine.ts';

const data = new URL('../../src/directives/data/', import.meta.url);
/** These are no lists of places: src/directives/file-systems.ts, interpreters.ts; those of capabilities have tests of their own. */
const others = /^(?:file-systems|interpreters|capabilities-.*)\.json$/;
const files = readdirSync(data).filter((name) => !others.test(name));

const entry = z.strictObject({
  path: z.string().regex(/^(?:\/[^/*?[\]\s\\%:]+)+$/),
  reason: z.string().regex(/^[^.\s][^\n]*[^.\s]$/),
  common: z.literal(true).optional(),
  login: z.literal(true).optional(),
  file: z.literal(true).optional(),
  library: z
    .string()
    .regex(/^lib[\w-]+\.so$/)
    .optional(),
  source: z.url({ protocol: /^https$/ }),
});

describe.each(files)('%s', (file) => {
  const entries = z.array(entry).parse(JSON.parse(readFileSync(new URL(file, data), 'utf8')));
  const paths = entries.map(({ path }) => path);

  test('names each path once, in order, as a unit file can say it', () => {
    expect(paths).toEqual([...new Set(paths)].sort());
  });

  test('names paths, not the links /var/run and /var/lock', () => {
    expect(paths.filter((path) => /^\/var\/(?:run|lock)\//.test(path))).toEqual([]);
  });
});

test('each table is read, and nothing else lies there', () => {
  const tables = [
    controlSockets(),
    secrets(),
    volatileConfiguration(),
    alwaysVisible(),
    dangerousToWrite(),
    directoriesOfOthers(),
    loginRecords(),
    groupStores(),
  ];
  expect(tables.every((table) => table.length > 0)).toBe(true);
  expect(files).toHaveLength(tables.length);
});

function hides(places: readonly KnownPlace[], path: string): KnownPlace | undefined {
  return places.find((place) => covers(place.path, path));
}

test('nothing that is to be hidden holds what must stay visible', () => {
  const hidden = [...controlSockets(), ...secrets()];
  const clashes = alwaysVisible().filter(({ path }) => hides(hidden, path));
  expect(clashes).toEqual([]);
});

test('whatever is obeyed in /run may not be written without a word, or lies in a directory that is put back', () => {
  const places = dangerousToWrite().filter(({ path }) =>
    volatilePlaces.some((place) => isBelow(path, place)),
  );
  expect(places.filter(({ path }) => !hides(volatileConfiguration(), path))).toEqual([]);
});

test('the nearest place gives the reason', () => {
  expect(whySensitive('/etc/cron.d/job')).toContain('cron');
  expect(whySensitive('/etc/some.conf')).toContain('configuration');
  expect(whySensitive('/etcetera')).toBeUndefined();
  expect(whySensitive('/var/lib/some')).toBeUndefined();
  expect(whySensitive('/')).toBeUndefined();
});

const missing = await machineNeeds();

describe.skipIf(missing !== undefined)(`a booted machine (${missing ?? 'can be started here'})`, () => {
  test('has no socket of the system that is in neither table, and lives without those that are hidden', async () => {
    const machine = await bootMachine();
    try {
      await machine.run([
        'systemctl',
        'start',
        'dbus.socket',
        'systemd-initctl.socket',
        'systemd-udevd-control.socket',
      ]);
      const sockets = (await machine.run(['cat', '/proc/net/unix'])).stdout
        .split('\n')
        .map((line) => /^(?:\S+ +){7}(\/.*)$/.exec(line)?.[1])
        .filter((path) => path !== undefined);
      expect(sockets).toContain('/run/systemd/private');
      const unknown = sockets.filter((path) => !hides([...controlSockets(), ...alwaysVisible()], path));
      expect(unknown).toEqual([]);

      // An empty /run with nothing but what must be seen, and everything else hidden, by systemd's own rules.
      const seen = alwaysVisible().filter(({ path }) => isBelow(path, '/run'));
      const unit = [
        '[Service]\nType=notify\nNotifyAccess=all\nDynamicUser=yes\nUser=known-places',
        "ExecStart=sh -c 'logger said; systemd-notify --booted && id -un && systemd-notify --ready; exec sleep 60'",
        `TemporaryFileSystem=/run:ro /var/lib:ro`,
        ...seen.map(({ path }) => `BindReadOnlyPaths=-${path}`),
        ...[...controlSockets(), ...secrets()].map(({ path }) => `InaccessiblePaths=-${path}`),
        ...volatileConfiguration().map(({ path }) => `ReadOnlyPaths=-${path}`),
      ];
      await machine.writeFile('/run/systemd/system/known.service', `${unit.join('\n')}\n`);
      const start = 'systemctl daemon-reload; systemctl start known; systemctl is-active known';
      const { stdout: state } = await machine.run(['sh', '-c', start]);
      const { stdout } = await machine.run(['sh', '-c', 'journalctl --sync; journalctl -o cat --no-pager']);
      expect(state, stdout).toBe('active');
      expect(stdout).toMatch(/^said$/m);
      expect(stdout).toMatch(/^known-places$/m);
      // Of this unit alone: a manager under load ignores other things, too, and says so.
      const ofUnit = (await machine.run(['journalctl', '-u', 'known', '-o', 'cat', '--no-pager'])).stdout;
      expect(ofUnit).toContain('known.service');
      expect(ofUnit).not.toMatch(/Failed to parse|not absolute|ignoring/);
    } finally {
      await machine.stop();
    }
  });

  test('systemd itself can be commanded over its socket, unless the socket is hidden', async () => {
    const machine = await bootMachine();
    try {
      const exitCode = async (hidden: readonly KnownPlace[]) => {
        const lines = hidden.flatMap(({ path }) => ['-p', `InaccessiblePaths=-${path}`]);
        const sandbox = ['systemd-run', '--wait', '-q', '-p', 'ProtectSystem=strict', ...lines];
        return (await machine.run([...sandbox, 'systemd-run', '-q', 'touch', '/usr/escaped'])).exitCode;
      };
      expect(await exitCode(controlSockets())).not.toBe(0);
      expect(await exitCode(controlSockets().filter(({ path }) => path !== '/run/systemd/private'))).toBe(0);
    } finally {
      await machine.stop();
    }
  });
});
