import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Gatherer } from '../../src/profile/gather.ts';
import type { Profile } from '../../src/profile/profile.ts';
import type { TraceEvent } from '../../src/trace/event.ts';
import { findLogs } from '../../src/trace/log-files.ts';
import { type LogReading, readLog } from '../../src/trace/open-log.ts';
import { BlockReader } from '../../src/trace/read-blocks.ts';
import { readTrace } from '../../src/trace/read-lines.ts';
import { linesOf, sampleLog, sampleLogs } from '../samples/sample-logs.ts';

/** What goes by unread must not be missed: with and without that, a log comes to the same. */

function gathererOf(source: string): Gatherer {
  return new Gatherer({
    source,
    how: 'log',
    architecture: 'x86-64',
    inherited: () => ({ current: '/w', root: '/', descriptors: new Map() }),
  });
}

interface Outcome {
  profile: Profile;
  reading: Omit<LogReading, 'name'>;
  events: number;
}

async function outcomeOfFile(path: string, skims: boolean): Promise<Outcome> {
  const [log] = await findLogs([path]);
  if (log === undefined) throw new Error(`no log in ${path}`);
  const isOne = log.files.length === 1;
  const gatherer = gathererOf(log.name);
  let events = 0;
  const take = (event: TraceEvent, file: string) => {
    events++;
    gatherer.event(event, isOne ? log.name : file);
  };
  const reading = await readLog(
    log,
    take,
    skims ? (file) => gatherer.skimming(isOne ? log.name : file) : undefined,
  );
  return { profile: gatherer.finish(reading.tally), reading, events };
}

function outcomeOf(lines: readonly string[], skims: boolean): Outcome {
  const gatherer = gathererOf('log');
  let events = 0;
  const reader = readTrace((event) => {
    events++;
    gatherer.event(event);
  });
  const blocks = new BlockReader(reader, skims ? gatherer.skimming() : undefined);
  blocks.push(Buffer.from(`${lines.join('\n')}\n`, 'latin1'));
  blocks.end();
  const { tally, unread } = reader;
  return {
    profile: gatherer.finish(tally),
    reading: { tally, lines: reader.lines, unread: unread.map((line) => ({ ...line, source: 'log' })) },
    events,
  };
}

function expectSame(one: Outcome, other: Outcome): void {
  expect(other.reading).toEqual(one.reading);
  expect(other.profile).toEqual(one.profile);
}

describe('lines that go by leave the profile and the count of lines as they are', () => {
  test.each(sampleLogs.map(({ name, path }) => [name, path]))('%s', async (_name, path) => {
    expectSame(await outcomeOfFile(path, false), await outcomeOfFile(path, true));
  });

  test('in whatever order lines come, and however often', () => {
    const lines = ['nginx', 'apache2', 'redis-server', 'sshd'].flatMap((name) => {
      const [file = ''] = sampleLog(name).files;
      return linesOf(file).slice(1, 600);
    });
    fc.assert(
      fc.property(fc.array(fc.nat(lines.length - 1), { maxLength: 400 }), fc.nat(3), (chosen, times) => {
        const some = chosen.map((at) => lines[at] ?? '');
        const log = Array.from({ length: times + 1 }, () => some).flat();
        expectSame(outcomeOf(log, false), outcomeOf(log, true));
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  test('however a line is cut or changed', () => {
    const [file = ''] = sampleLog('nginx').files;
    const lines = linesOf(file).slice(1, 300);
    const change = fc.record({
      line: fc.nat(lines.length - 1),
      at: fc.nat(200),
      text: fc.constantFrom(
        '',
        ')',
        ' = ',
        '"',
        '<',
        '>',
        '\\',
        '7',
        '-',
        'E',
        '?',
        '(',
        ' <unfinished ...>',
        '<... read resumed>',
        '\x1b[1m',
        '\r',
      ),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 20 }), (changes) => {
        const log = [...lines, ...lines];
        for (const { line, at, text } of changes) {
          const old = log[line] ?? '';
          log[line] = text === '' ? old.slice(0, at) : `${old.slice(0, at)}${text}${old.slice(at)}`;
        }
        expectSame(outcomeOf(log, false), outcomeOf(log, true));
      }),
      { numRuns: 200 },
    );
  }, 60_000);
});

test.each([
  '0',
  '-0',
  '-1',
  '-5',
  '07',
  '-07',
  '0x0',
  '-0x1',
  '?',
  '-1 EAGAIN',
  '-1 EAGAIN (Try again)',
  '5<x>',
  '5<x>y>',
  '5<... read resumed>x>',
  '5<a->b>',
  '5</a->b>',
  '5</a->b>c>',
  '5<TCP:[127.0.0.1:80->127.0.0.1:50000]>',
  '5<a->TCP:[b]>',
])('a call that ends with "= %s" is read, or is not, either way', (result) => {
  const line = `7 getppid() = ${result}`;
  const log = ['7 execve("/bin/d", ["d"], 0x1 /* 1 var */) = 0', line, line, line];
  expectSame(outcomeOf(log, false), outcomeOf(log, true));
});

describe('what a task does again', () => {
  const start = ['7 execve("/bin/d", ["d"], 0x1 /* 1 var */) = 0', '7 getpid() = 7'];

  test('goes by: calls that are only counted, and calls in the words of before', () => {
    const served = [
      '7 accept4(5<TCP:[127.0.0.1:80]>, {sa_family=AF_INET, sin_port=htons(PORT), sin_addr=inet_addr("127.0.0.1")}, [112 => 16], SOCK_NONBLOCK) = 6<TCP:[127.0.0.1:80->127.0.0.1:PORT]>',
      '7 openat(AT_FDCWD, "/srv/index.html", O_RDONLY) = 8',
      '7 sendto(6<TCP:[127.0.0.1:80->127.0.0.1:PORT]>, "a PORT", 6, 0, NULL, 0) = 6',
      '7 write(6, "x", 1) = 1',
      '7 close(8) = 0',
      '7 close(6<TCP:[127.0.0.1:80->127.0.0.1:PORT]>) = 0',
    ];
    const log = [
      ...start,
      ...Array.from({ length: 500 }, (_, at) =>
        served.map((line) => line.replaceAll('PORT', String(10_000 + at))),
      ).flat(),
    ];
    const fast = outcomeOf(log, true);
    expectSame(outcomeOf(log, false), fast);
    expect(fast.events).toBeLessThan(30);
    expect(fast.profile.paths['/srv/index.html']?.read?.count).toBe(500);
  });

  test('is read anew once it stands elsewhere, or is somebody else', () => {
    const look = '7 openat(AT_FDCWD, "a", O_RDONLY) = 3';
    const log = [
      ...start,
      look,
      look,
      look,
      '7 chdir("/other") = 0',
      look,
      look,
      '7 setuid(33) = 0',
      look,
      look,
    ];
    const fast = outcomeOf(log, true);
    expectSame(outcomeOf(log, false), fast);
    expect(fast.profile.paths['/w/a']?.read).toMatchObject({ count: 3, as: ['0'] });
    expect(fast.profile.paths['/other/a']?.read).toMatchObject({ count: 4, as: ['0', '33'] });
  });

  test('a descriptor that was opened again is what it was the last time', () => {
    const log = [
      ...start,
      '7 openat(AT_FDCWD, "/a", O_WRONLY) = 3',
      '7 close(3) = 0',
      '7 openat(AT_FDCWD, "/b", O_WRONLY) = 3',
      '7 close(3) = 0',
      '7 openat(AT_FDCWD, "/a", O_WRONLY) = 3',
      '7 close(3) = 0',
      '7 openat(AT_FDCWD, "/b", O_WRONLY) = 3',
      '7 fchmod(3, 0600) = 0',
    ];
    const fast = outcomeOf(log, true);
    expectSame(outcomeOf(log, false), fast);
    expect(Object.keys(fast.profile.paths['/b'] ?? {})).toContain('chmod');
  });
});
