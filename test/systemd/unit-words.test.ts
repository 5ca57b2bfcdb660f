import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bootMachine, type Machine, machineNeeds } from '../../src/systemd/machine.ts';
import { expandSpecifiers } from '../../src/systemd/unit-specifiers.ts';
import { type Bind, bindOf, type WordStyle, wordsOf } from '../../src/systemd/unit-words.ts';

const missing = await machineNeeds();

const paths = [
  '/a b',
  '"-/a b" /c',
  '-"/a b"',
  '"-"/a',
  '-+/a',
  '"-+/a b"',
  '+-/a /b',
  '- /a',
  '""/a',
  '"" /x',
  '/a%%b /c%z /d%-e /f%',
  '/a%ä',
  '/a/%%n',
  '%%/a',
  '"/a%%"',
  '%t/x %S/x %C/x %L/x %E/x %T/x %V/x %h/x /%u/%U/%g/%G',
  '-%t/x',
  '/a%d /a%f',
  '/a%n /b%p /c%P /d%i /e%I /f%j /g%J /h%N',
  '%I /a',
  '/a/../b /c',
  '/a/.. /..a',
  'rel /x',
  '//a///b/./c/ /.',
  '-//x/',
  '/',
  '//',
  '/a "b /c',
  "/a 'b /c",
  '/a /b"',
  "'/a\"b' \"/a'b\" /a\\\\b '/a\\'b'",
  '/a\\ b',
  '/a\\x20b /a\\n',
  '/a\tb',
  '"/a\tb"',
  '/a"b c"d',
  '/a\\"b /c',
  '/\u00a0 /\u{1F600}',
  '/a;b #c /#d',
  '/a* /b?',
  '/a,b',
  '/a$b $$ /$HOME',
  '/\x01 /\x7f',
  `/${'a'.repeat(255)} /${'b'.repeat(256)} /c`,
  `/${'é'.repeat(127)} /${'é'.repeat(128)}`,
  `${'/x'.repeat(2047)} /y`,
  `${'/x'.repeat(2047)}y /y`,
  `${'/x'.repeat(2048)} /y`,
  `${'/./x'.repeat(2000)} /y`,
];
const binds = [
  '/a',
  '/a:/b',
  '-/a:/b:norbind /c',
  '/a:/b:rbind',
  '/a:/b: /c',
  '/a:/b: /c /d',
  '/a:/b:bad /c',
  '/a:/b:norbind:x /c',
  '/a:/b:"norbind"',
  '/a:/b:nor"bind" /c',
  '/a\\:x:/b',
  '"/a:x":/b',
  '/a:"/b:c":norbind',
  '"-/a b":"/c d"',
  '"/a b"x:/c\\\\d',
  '/a\\\\:/b',
  'rel:/b /c',
  '/a:rel /c',
  '/a: /c',
  '/a:',
  ':/a',
  '/a::/b',
  '/a  /b',
  '/a:\t/b',
  '/a :/b',
  '/a\\ :/b',
  '-/a',
  '-+/a',
  '/a:-/b /c',
  '--/a /b',
  '/a%%b:/c%z /d',
  '%z:/d /e',
  '%t/x:%S/y',
  '%%/a:/b',
  '/a/..:/b',
  '/a:/b/.. /c',
  '/a//b/:/c/./d/',
  '/a:/b "c',
  '/a:"b',
  '/a:/b:"c',
  '/b /a:/c:norbind',
];
const plain = [
  'AF_INET "AF_UNIX"',
  "AF_INET 'AF_INET6' AF_\\UNIX",
  'AF_INET  AF_"UNIX"',
  'AF_UNIX "AF_INET',
  '~AF_INET \t AF_UNIX',
];
const kinds: { key: string; style: WordStyle; values: string[] }[] = [
  { key: 'ReadWritePaths', style: 'paths', values: paths },
  { key: 'BindPaths', style: 'binds', values: binds },
  { key: 'RestrictAddressFamilies', style: 'plain', values: plain },
];
const named = ['w@a-b\\x2dc.service', 'my-w-x.service'];

/** A name as it stands in an object's path: https://www.freedesktop.org/software/systemd/man/latest/sd_bus_path_encode.html */
const inPath = (name: string) =>
  [...name].map((c) => (/[A-Za-z0-9]/.test(c) ? c : `_${c.charCodeAt(0).toString(16)}`)).join('');

/** A value as the bus shows it, out of our words. */
const asShown: Record<string, (words: string[]) => unknown> = {
  ReadWritePaths: (words) => words,
  BindPaths: (words) =>
    words.map(bindOf).map((b) => [b.source, b.destination, b.optional, b.recursive ? 0x4000 : 0]),
  RestrictAddressFamilies: (words) => [
    !words[0]?.startsWith('~'),
    words.map((word) => word.replace('~', '')).sort(),
  ],
};

describe.skipIf(missing !== undefined)(`the system manager as judge (${missing ?? 'asked'})`, () => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await bootMachine();
  });
  afterAll(async () => {
    await machine?.stop();
  });

  const unitsOf = kinds.flatMap((kind) => named.map((name) => ({ ...kind, name })));
  test.each(unitsOf)('cuts $key= the same for $name', async ({ key, style, values, name }) => {
    const unit = (at: number) => name.replace('w', `w${key}${at}`);
    for (const [at, value] of values.entries()) {
      const file = `/etc/systemd/system/${unit(at).replace(/@.*\./, '@.')}`;
      await machine.writeFile(file, `[Service]\nExecStart=/bin/true\n${key}=${value}\n`);
    }
    await machine.run(['systemctl', 'daemon-reload']);
    for (const [at, value] of values.entries()) {
      const object = `/org/freedesktop/systemd1/unit/${inPath(unit(at))}`;
      const property = ['org.freedesktop.systemd1', object, 'org.freedesktop.systemd1.Service', key];
      const { stdout, stderr } = await machine.run(['busctl', '--json=short', 'get-property', ...property]);
      expect(stderr).toBe('');
      const { words } = wordsOf(value, style, { unit: unit(at) });
      expect({ value, shown: asShown[key]?.(words) }).toEqual({ value, shown: JSON.parse(stdout).data });
    }
  });
});

test('each word that is dropped is told', () => {
  expect(wordsOf('rel /a /b/../c /%z "x', 'paths')).toEqual({
    words: ['/a'],
    warnings: [
      '"rel" is not an absolute path: it is ignored.',
      '"/b/../c" has a ".." in it: it is ignored.',
      '"/%z" has a "%" that stands for nothing we know: it is ignored ("%%" is a "%").',
      'there is a quote that is not closed: this word and what follows it are ignored.',
    ],
  });
  expect(wordsOf('/a:', 'binds').warnings).toEqual(['nothing follows the colon of "/a": it is ignored.']);
  expect(wordsOf('/a  /b', 'binds').warnings).toEqual([]);
  expect(wordsOf('rel\u001b[31m\u202e', 'paths').warnings).toEqual([
    '"rel\\u001b[31m?" is not an absolute path: it is ignored.',
  ]);
});

test('without the name of a unit, a word that needs it is dropped', () => {
  expect(wordsOf('/a/%i %t/b', 'paths').words).toEqual(['/run/b']);
  expect(wordsOf('/a/%i', 'paths', { unit: 'x@\\xff.service' }).words).toEqual(['/a/\\xff']);
  expect(wordsOf('/a/%I', 'paths', { unit: 'x@\\xff.service' }).words).toEqual([]);
  expect(expandSpecifiers('%I', 'x@\\xff.service')).toBe('\udcff');
});

test('the words of a list are its words again, once they are quoted', () => {
  const name = fc
    .stringMatching(/^[^/\0\n]{1,20}$/u)
    .filter((text) => text !== '.' && text !== '..' && !/\p{C}/u.test(text));
  const path = fc.array(name, { maxLength: 4 }).map((names) => `/${names.join('/')}`);
  const quoted = (text: string) => `"${text.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%')}"`;
  fc.assert(
    fc.property(fc.array(path), (all) => {
      expect(wordsOf(all.map(quoted).join(' '), 'paths')).toEqual({ words: all, warnings: [] });
      expect(wordsOf(all.map((one) => `${quoted(one)}:"/x"`).join(' '), 'binds').words.map(bindOf)).toEqual(
        all.map((source): Bind => ({ source, destination: '/x', optional: false, recursive: true })),
      );
    }),
  );
});

test('it never throws, and what it gives is cut no further', () => {
  const piece = fc.constantFrom(
    '/',
    'a',
    '"',
    "'",
    '\\',
    ':',
    ' ',
    '-',
    '+',
    '%',
    '%%',
    '%i',
    '.',
    '\t',
    '\u00a0',
    '\udcff',
  );
  fc.assert(
    fc.property(fc.array(piece), fc.constantFrom<WordStyle>('paths', 'binds', 'plain'), (pieces, style) => {
      const { words } = wordsOf(pieces.join(''), style, { unit: 'x@y.service' });
      if (style === 'paths') for (const word of words) expect(word).toMatch(/^-?\+?\/(?!.*\/$)/);
      if (style === 'binds')
        for (const word of words)
          expect(bindOf(word)).toMatchObject({
            source: expect.stringMatching(/^\//),
            destination: expect.stringMatching(/^\//),
          });
    }),
  );
});

test.each(['/a ', 'a', '"', '\\ ', '"a" ', '%', '%%', ':', '/', '/.', ' ', ' :', '/a:', '-', '/../'])(
  'a value of 1 MiB is cut in linear time: %j',
  (piece) => {
    const text = piece.repeat(Math.ceil((1 << 20) / piece.length));
    const start = performance.now();
    for (const style of ['paths', 'binds', 'plain'] as const) wordsOf(`/${text}`, style);
    expect(performance.now() - start).toBeLessThan(20_000);
  },
);
