import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BlockReader } from '../../src/trace/read-blocks.ts';
import { readTrace } from '../../src/trace/read-lines.ts';
import { type Reading, read } from './reading.ts';

/** Whatever a log holds: no exception, each line in one class, time in proportion to its length. */

const lines = [
  '31992 execve("/bin/true", ["true", "a\\"b"], 0x7ffd /* 35 vars */) = 0',
  '31992 1795304028.491827 (+     0.000247) [ 257] [00007f9237ab7b1d] openat(dirfd=AT_FDCWD</tmp>, pathname="/x", flags=O_RDONLY|O_CLOEXEC) = 3</lib/x.so> <0.000015>',
  '[pid   123] wait4(-1, <unfinished ...>',
  '[pid   123] <... wait4 resumed>[{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 9',
  '7 --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=7, si_stime=1 /* 0.01 s */} ---',
  '7 +++ killed by SIGSEGV (core dumped) +++',
  '17464 +++ superseded by execve in pid 17469 +++',
  '17464 <... execve resumed>) = 0',
  '17469 execve("/bin/true", ["true"], 0x7f <pid changed to 17464 ...>',
  'vfork(strace: Process 20457 attached',
  ' <unfinished ...>',
  'write(1, "hello\\n", 6hello',
  ')                  = 6',
  'connect(3<UNIX-STREAM:[1->2,@"abs\\"x"]>, {sa_family=AF_UNIX, sun_path=@"abs\\1"}, 110 => 0) = 0',
  'clone3({flags=CLONE_VM|CLONE_VFORK, exit_signal=SIGCHLD, stack=0x7f, stack_size=0x9000} => {parent_tid=[9]}, 88) = 9',
  'strace: Process 9 attached with 4 threads',
  '[ Process PID=28260 runs in 32 bit mode. ]',
  '% time     seconds  usecs/call     calls    errors syscall',
  '\x1b[32m7\x1b[0m close(3) = 0\r',
  '7 read(6</dev/null<char 1:3>>, "", 4096) = 0',
];
const pieces = [
  '"',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '<',
  '>',
  '\\',
  '/*',
  '*/',
  ' = ',
  ' = ?',
  ', ',
  '=>',
  '->',
  "'",
  '...',
  '\0',
  '\xff',
  '\x1b[',
  '|',
  '1</',
  ' <unfinished ...>',
  ' resumed>',
  '[pid 7] ',
  ' +++',
  ' ---',
  '@"',
  '7<',
];

const piece = fc.oneof(
  fc.constantFrom(...pieces),
  fc
    .string({ unit: 'binary', maxLength: 6 })
    .map((text) => Buffer.from(text).toString('latin1').replaceAll('\n', ' ')),
);
const mutated = fc
  .tuple(fc.constantFrom(...lines), fc.array(fc.tuple(fc.nat(), fc.nat(3), piece), { maxLength: 4 }))
  .map(([line, changes]) =>
    changes.reduce((text, [place, how, insert]) => {
      const at = place % (text.length + 1);
      if (how === 0) return text.slice(0, at);
      if (how === 1) return text.slice(at);
      if (how === 2) return text.slice(0, at) + insert + text.slice(at);
      return text.slice(0, at) + insert + text.slice(at + insert.length);
    }, line),
  );

function askEverything(reading: Reading): void {
  for (const event of reading.events) {
    if (event.kind === 'call' || event.kind === 'unfinished') expect(event.args).toBeInstanceOf(Array);
    if (event.kind === 'signal') expect(event.info === undefined || event.info.kind === 'struct').toBe(true);
    expect(event.line).toBeGreaterThan(0);
    expect(event.line).toBeLessThanOrEqual(reading.lines);
  }
}

describe('any log', () => {
  test('mutated lines in any order are read, classed and counted', () => {
    fc.assert(
      fc.property(fc.array(mutated, { minLength: 1, maxLength: 30 }), (log) => {
        const reading = read(log.join('\n'));
        askEverything(reading);
        expect(Object.values(reading.tally).every((count) => count >= 0)).toBe(true);
        expect(Object.values(reading.tally).reduce((sum, count) => sum + count, 0)).toBe(reading.lines);
        expect(
          reading.tally.call + reading.tally.continuation + reading.tally.signal > 0 ||
            reading.events.every((e) => e.kind !== 'call'),
        ).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('bytes of no trace are read, classed and counted', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        const reading = read(Buffer.from(bytes).toString('latin1'));
        askEverything(reading);
        expect(Object.values(reading.tally).reduce((sum, count) => sum + count, 0)).toBe(reading.lines);
      }),
    );
  });

  // A pass over the text for each of its characters would take hours here.
  const heads = [
    '',
    '7 f(',
    '7 f("',
    '7 f(3</',
    '7 f(3<',
    '<... f resumed>',
    '[pid ',
    '7 --- SIGCHLD {',
    '\x1b[',
  ];
  test.each([
    ...pieces,
    'a',
    ' ',
    '1<a',
    '3</a> ',
    ') = 1<',
    ') = 3</x',
    ') = 1 ',
    '{a=',
    '[a, ',
    'f(',
    '\\"',
    '"\\',
    '=',
    ']=',
    '[pid 1] x',
    'strace: ',
    'x | ',
    '1:2:',
    '3<a,',
    '3</,',
    ' = = ',
    'A|',
    '1*',
  ])(
    'a line of a million times %j takes no more time than a line may',
    (unit) => {
      const body = unit.repeat(Math.ceil(1_000_000 / unit.length));
      const begin = performance.now();
      for (const head of heads)
        askEverything(read(`7 f(1) = 0\n${head}${body}\n${head}${body}) = 0\n7 close(3) = 0`));
      expect(performance.now() - begin).toBeLessThan(10_000);
    },
    30_000,
  );

  test('many lines behind a call that never ends take no more time than other lines', () => {
    const begin = performance.now();
    const reading = read(`f(1) = 0\nf("${'x'.repeat(60_000)}\n${'y) = z\n'.repeat(100_000)}`);
    expect(reading.tally.other).toBeGreaterThan(99_000);
    expect(performance.now() - begin).toBeLessThan(5_000);
  });

  test('a line of fifty million bytes is one line', () => {
    const seen: number[] = [];
    const reader = readTrace((event) => {
      if (event.kind === 'call') seen.push(event.args.length);
    });
    const blocks = new BlockReader(reader, undefined);
    blocks.push(Buffer.from('7 write(1, "'));
    const block = Buffer.alloc(1 << 20, 'x');
    for (let i = 0; i < 50; i++) blocks.push(block);
    blocks.push(Buffer.from('", 52428800) = 52428800\n7 close(1) = 0'));
    blocks.end();
    expect(reader.lines).toBe(2);
    expect(seen).toEqual([3, 1]);
  });

  test('blocks may be cut anywhere', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', '\n', 'bc\n', '\xff')),
        fc.array(fc.nat(20)),
        (parts, cuts) => {
          const bytes = Buffer.from(parts.join(''), 'latin1');
          const found: string[] = [];
          const reader = readTrace(() => undefined);
          reader.line = (line) => found.push(line);
          const blocks = new BlockReader(reader, undefined);
          let at = 0;
          for (const cut of cuts) {
            blocks.push(bytes.subarray(at, at + cut));
            at += cut;
          }
          blocks.push(bytes.subarray(at));
          blocks.end();
          const expected = parts.join('').split('\n');
          if (expected.at(-1) === '') expected.pop();
          expect(found).toEqual(expected);
        },
      ),
    );
  });
});
