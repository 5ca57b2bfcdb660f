import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bootMachine, machineNeeds } from '../../src/systemd/machine.ts';
import { readUnitText } from '../../src/systemd/unit-text.ts';
import { wordsOf } from '../../src/systemd/unit-words.ts';

const missing = await machineNeeds();
const settings = ['InaccessiblePaths', 'ReadOnlyPaths', 'ReadWritePaths'];
const mebibyte = 1 << 20;

const dropIns: Record<string, string | Buffer> = {
  'comments, blanks and both signs':
    '# a\n ;b\n\n[Service]\n\tReadWritePaths\t = /x \t\nReadOnlyPaths=/q # not a comment\n',
  'a byte order mark': '\ufeff[Service]\nReadWritePaths=/x\n',
  'a byte order mark on a later line': '# x\n\ufeff[Service]\nReadWritePaths=/x\n',
  'a byte order mark before a comment': '\ufeff# c\n[Service]\nReadWritePaths=/x\n',
  CRLF: '[Service]\r\nReadWritePaths=/x \\\r\n/y\r\nReadOnlyPaths=/q\r\n',
  'lone CR': '[Service]\rReadWritePaths=/x\rReadOnlyPaths=/y\r\rInaccessiblePaths=/z',
  'LF and CR the wrong way round': '[Service]\nReadWritePaths=/x \\\n\r/y\nReadOnlyPaths=/q\n',
  'NUL ends a line': '[Service]\nReadWritePaths=/x\0ReadOnlyPaths=/y\0\nInaccessiblePaths=/a\\\n\0/z\n',
  'a continuation ends at an empty line': '[Service]\nReadWritePaths=/x \\\n\n/y\nReadOnlyPaths=/q\n',
  'comments inside a continuation': '[Service]\nReadWritePaths=/x \\\n# c \\\n ; d\n /y\nReadOnlyPaths=/q\n',
  'two backslashes do not continue': '[Service]\nReadWritePaths=/x\\\\\n /y\nReadOnlyPaths=/q\n',
  'three do, after one of their own': '[Service]\nReadWritePaths=/x\\\\\\\n /y\nReadOnlyPaths=/q\n',
  'a continuation without end': '[Service]\nReadWritePaths=/x \\',
  'a continued section header': '[Serv\\\nice]\nReadWritePaths=/x\n[Service]\nReadOnlyPaths=/y\n',
  'a continued key': '[Service]\nReadWrite\\\nPaths=/x\nReadOnlyPaths\\\n=/y\n',
  'a section that is not closed': '[Service]\nReadWritePaths=/x\n[Service\nReadOnlyPaths=/q\n',
  'a lone bracket': '[Service]\nReadWritePaths=/x\n[\nReadOnlyPaths=/q\n[Service]\nReadOnlyPaths=/z\n',
  'a quote in a section':
    '[Service]\nReadWritePaths=/x\n["Service]\nReadOnlyPaths=/q\n[Service]\nReadOnlyPaths=/z\n',
  'other sections':
    '[X-a]\nReadOnlyPaths=/q\n[Foo]\nReadOnlyPaths=/q\n[ Service ]\nReadOnlyPaths=/w\n[service]\nReadOnlyPaths=/v\n[Service]\nReadOnlyPaths=/z\n',
  'before a section': 'ReadWritePaths=/x\n[Service]\nReadOnlyPaths=/z\n',
  'no key, no sign': '[Service]\nReadWritePaths\n=/x\nReadOnlyPaths=/q\n',
  'keys of another case': '[Service]\nreadwritepaths=/x\nReadOnlyPaths=/q\n',
  'a reset': '[Service]\nReadWritePaths=/x\nReadWritePaths=\nReadWritePaths=/y\n',
  'invalid UTF-8': Buffer.from(
    '[Service]\nReadWritePaths=/x\nReadOnlyPaths=/\xff\nReadOnlyPaths=/q\n',
    'latin1',
  ),
  'invalid UTF-8 in a comment': Buffer.from('[Service]\n# \xff\nReadWritePaths=/x\n', 'latin1'),
  'an encoded surrogate': Buffer.from(
    '[Service]\nReadWritePaths=/x\nReadOnlyPaths=/\xed\xb2\x80\n',
    'latin1',
  ),
  'a code point that is no character': '[Service]\nReadWritePaths=/x\nReadOnlyPaths=/\uffff\n',
  'another such': '[Service]\nReadWritePaths=/x\nReadOnlyPaths=/\ufdd0\n',
  'white space of Unicode': '[Service]\nReadWritePaths=/\u00a0 /\u2028\nReadOnlyPaths=/\u3000\n',
  'vertical tab': '[Service]\nReadWritePaths=/x\x0b\x0c\n\x0bReadOnlyPaths=/q\n',
  'the longest line': `[Service]\nReadWritePaths=/x${' '.repeat(mebibyte - 20)}/y\n`,
  'a byte more': `[Service]\nReadOnlyPaths=/q\nReadWritePaths=/x${' '.repeat(mebibyte - 19)}/y\nReadOnlyPaths=/z\n`,
  'the longest continuation': `[Service]\nReadWritePaths=/x${' '.repeat(mebibyte - 30)}\\\n${' '.repeat(10)}/y\nReadOnlyPaths=/z\n`,
  'a byte more of it': `[Service]\nReadWritePaths=/x${' '.repeat(mebibyte - 30)}\\\n${' '.repeat(11)}/y\nReadOnlyPaths=/z\n`,
  'a comment that is too long': `[Service]\nReadWritePaths=/x\n#${' '.repeat(mebibyte)}\nReadOnlyPaths=/z\n`,
};

/** What the settings add up to. */
function valuesOf(text: string | Buffer): Record<string, string[]> {
  const values: Record<string, string[]> = Object.fromEntries(settings.map((key) => [key, []]));
  for (const line of readUnitText(Buffer.from(text), 'x.conf').lines) {
    if (line.section !== 'Service' || values[line.key] === undefined) continue;
    if (line.text === '') values[line.key] = [];
    values[line.key]?.push(...wordsOf(line.text, 'paths').words);
  }
  return values;
}

describe.skipIf(missing !== undefined)(`the system manager as judge (${missing ?? 'asked'})`, () => {
  test('reads the same out of drop-ins of every shape', async () => {
    const machine = await bootMachine();
    try {
      const texts = Object.values(dropIns);
      for (const [at, text] of texts.entries()) {
        await machine.writeFile(`/etc/systemd/system/t${at}.service`, '[Service]\nExecStart=/bin/true\n');
        await machine.writeFile(`/etc/systemd/system/t${at}.service.d/x.conf`, text);
      }
      await machine.run(['systemctl', 'daemon-reload']);
      const theirs = [];
      for (const at of texts.keys()) {
        const object = `/org/freedesktop/systemd1/unit/t${at}_2eservice`;
        const names = ['org.freedesktop.systemd1', object, 'org.freedesktop.systemd1.Service', ...settings];
        const { stdout } = await machine.run(['busctl', '--json=short', 'get-property', ...names]);
        const values = stdout.split('\n').map((line) => JSON.parse(line).data);
        theirs.push(Object.fromEntries(settings.map((key, index) => [key, values[index]])));
      }
      const shapes = Object.keys(dropIns);
      const byShape = (values: unknown[]) =>
        Object.fromEntries(shapes.map((shape, at) => [shape, values[at]]));
      expect(byShape(texts.map(valuesOf))).toEqual(byShape(theirs));
    } finally {
      await machine.stop();
    }
  });
});

test('a line is numbered where it begins, comments within it or not', () => {
  const text = '# 1\r\n[Service]\r\nA=1 \\\r\n# x\r\n 2\r\n\r\nB=3';
  const lines = readUnitText(Buffer.from(text), 'a.service').lines;
  expect(lines.map(({ section, key, text, file, line }) => [section, key, text, file, line])).toEqual([
    ['Service', 'A', '1   2', 'a.service', 3],
    ['Service', 'B', '3', 'a.service', 7],
  ]);
});

test('whatever is passed over is told with its place', () => {
  const told = (text: string) => readUnitText(Buffer.from(text, 'latin1'), 'f').warnings;
  expect(told('A=1\n')).toEqual(['f:1: this line stands before the first section: it is ignored.']);
  expect(told('[Service]\n\nA\n=1\n[Srevice]\nB=2\n')).toEqual([
    'f:3: there is no "=" in this line: it is ignored.',
    'f:4: there is no key before the "=": the line is ignored.',
    'f:5: this section is unknown: what stands in it is ignored.',
  ]);
  expect(told('[Service]\nA=\xff\nB=1')).toEqual([
    'f:2: invalid UTF-8: this line and the rest of the file are lost.',
  ]);
  expect(told('[X-mine]\nA=1\n[Unit]\nB=2\n')).toEqual([]);
});

test('anything may stand in a file: it never throws, and no line comes from nowhere', () => {
  const piece = fc.constantFrom(
    '[Service]',
    '[',
    'A=',
    '=',
    '\\',
    '\n',
    '\r',
    '\0',
    ' ',
    '#',
    '"',
    '\xff',
    '\xef\xbb\xbf',
    'x',
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join('');
      const { lines, warnings } = readUnitText(Buffer.from(text, 'latin1'), 'f');
      const ends = text.split(/[\n\r\0]/).length;
      expect(lines.length + warnings.length).toBeLessThanOrEqual(ends);
      for (const { key, line } of lines) {
        expect(key).not.toBe('=');
        expect(line).toBeGreaterThan(0);
        expect(line).toBeLessThanOrEqual(ends);
      }
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void readUnitText(Buffer.from(bytes), 'f')),
  );
});

test.each(['A=1\n', '\\\n', '\\', '[Service]\n', '\r', '#\n', ' ', 'a \\\n# c\n', '[', '\0\n'])(
  'a text of 3 MiB is read in linear time: %j',
  (piece) => {
    const start = performance.now();
    readUnitText(Buffer.from(`[Service]\n${piece.repeat(Math.ceil((3 << 20) / piece.length))}`), 'f');
    // Half a second on an idle host; a square of the length would be hours.
    expect(performance.now() - start).toBeLessThan(20_000);
  },
);
