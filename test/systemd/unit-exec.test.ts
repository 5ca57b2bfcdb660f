import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { execCommands } from '../../src/systemd/exec-commands.ts';
import { execStart } from '../../src/systemd/exec-start.ts';
import { bootMachine, machineNeeds } from '../../src/systemd/machine.ts';
import { readUnitText } from '../../src/systemd/unit-text.ts';

const missing = await machineNeeds();

const commandsOf = (lines: string, unit?: string) =>
  execCommands(readUnitText(Buffer.from(`[Service]\n${lines}`), 'x.service').lines, unit);

const starts = [
  'ExecStart=/bin/echo a b',
  'ExecStart=-/bin/echo a "b c" \'d "e\' f\\ g\\sh',
  'ExecStart=@/bin/sh other -c "x y"',
  'ExecStart="-@/bin/sh" other',
  'ExecStart=-:!/bin/echo x',
  'ExecStart=!!/bin/echo x',
  'ExecStart=/bin/echo a ; /bin/echo b ; /bin/cat c',
  'ExecStart=/bin/echo a \\; ";" b; ;c',
  'ExecStart=/bin/echo a ;',
  'ExecStart=/bin/a\nExecStart=\nExecStart=/bin/b',
  'ExecStart=/bin/a\nExecStart=/bin/b',
  'ExecStart=/bin/echo \\\n # no\n# comment\n more',
  'ExecStart=/bin/echo \\x41\\101\\u00e9\\U0001F600\\n\\t\\\\ \\"x\\"',
  'ExecStart=/bin/echo \'\\x41\' "\\x41"',
  'ExecStart=/bin/echo %% %n %i %t $HOME $$',
  'ExecStart=/bin/echo a"b c"d ""',
  'ExecStart=/bin/echo \\xc3\\xa9',
];

describe.skipIf(missing !== undefined)(`the system manager as judge (${missing ?? 'asked'})`, () => {
  test('commands are cut and escapes are read the same', async () => {
    const machine = await bootMachine();
    try {
      for (const [at, lines] of starts.entries()) {
        await machine.writeFile(`/etc/systemd/system/e${at}.service`, `[Service]\nType=oneshot\n${lines}\n`);
      }
      await machine.run(['systemctl', 'daemon-reload']);
      const theirs: unknown[] = [];
      for (const at of starts.keys()) {
        const object = `/org/freedesktop/systemd1/unit/e${at}_2eservice`;
        const property = [
          'org.freedesktop.systemd1',
          object,
          'org.freedesktop.systemd1.Service',
          'ExecStart',
        ];
        const { stdout } = await machine.run(['busctl', '--json=short', 'get-property', ...property]);
        const commands: [string, string[], boolean][] = JSON.parse(stdout).data;
        theirs.push(commands.map(([program, argv, ignored]) => ({ program, argv, ignored })));
      }
      const ours = starts.map((lines, at) =>
        commandsOf(lines, `e${at}.service`).map(({ prefix, program, words }) => ({
          program,
          argv: prefix.includes('@') ? words : [program, ...words],
          ignored: prefix.includes('-'),
        })),
      );
      expect(ours.map((commands, at) => [starts[at], commands])).toEqual(
        theirs.map((commands, at) => [starts[at], commands]),
      );
    } finally {
      await machine.stop();
    }
  });
});

test('what is not a command of the service is none', () => {
  expect(commandsOf('ExecPaths=/usr\nExecSearchPath=/usr/bin\n[Unit]\nExecStart=/bin/a\n')).toEqual([]);
});

test('a command that we write is read back, word by word', () => {
  const word = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0') && !text.includes('$'));
  fc.assert(
    fc.property(fc.array(word), (words) => {
      expect(commandsOf(`ExecStart=${execStart(['/bin/x', ...words])}`)).toEqual([
        { key: 'ExecStart', prefix: '', program: '/bin/x', words },
      ]);
    }),
  );
});

test('it never throws, and takes linear time', () => {
  const piece = fc.constantFrom('/a', '"', "'", '\\', ';', ' ', '-', '@', '%', '%i', 'x4', '777', '\udcff');
  fc.assert(
    fc.property(fc.array(piece), (pieces) => void commandsOf(`ExecStart=${pieces.join('')}`, 'a@b.service')),
  );
  const start = performance.now();
  for (const text of ['a ', '"', '; ', '\\x4', '-', "'a' "])
    commandsOf(`ExecStart=/a ${text.repeat(200_000)}`);
  expect(performance.now() - start).toBeLessThan(20_000);
});
