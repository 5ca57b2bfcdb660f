import { execFileSync } from 'node:child_process';
import { createReadStream, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test, vi } from 'vitest';
import type { TraceEvent } from '../../src/trace/event.ts';
import { findLogs } from '../../src/trace/log-files.ts';
import { readLog } from '../../src/trace/open-log.ts';
import { showEvent } from './reading.ts';

const folder = mkdtempSync(join(tmpdir(), 'open-log-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function written(content: string | Buffer, name = `${files++}.log`): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function eventsOf(log: Parameters<typeof readLog>[0]) {
  const events: TraceEvent[] = [];
  const reading = await readLog(log, (event) => events.push(event));
  expect(Object.values(reading.tally).reduce((sum, count) => sum + count, 0)).toBe(reading.lines);
  return { reading, events: events.map(showEvent) };
}

const log = `7 open("/x\xff", O_RDONLY) = 3\n7 close(3) = 0\n`.repeat(50_000);
const bytes = Buffer.from(log, 'latin1');
const last = '7 close(3) = 0';

describe('where a log comes from', () => {
  test('a file larger than a block', async () => {
    const { reading, events } = await eventsOf(written(bytes));
    expect(reading.tally.call).toBe(100_000);
    expect(events[0]).toBe('7 open("/xÿ"; O_RDONLY) = 3');
    expect(events.at(-1)).toBe(last);
  });

  test('gzip, told by its content', async () => {
    const { reading } = await eventsOf(written(gzipSync(bytes)));
    expect(reading.tally).toMatchObject({ call: 100_000, unread: 0 });
  });

  test.each(['xz', 'zstd', 'bzip2'])('%s, told by its content', async (program) => {
    const packed = execFileSync(program, ['-c', '-1'], { input: bytes, maxBuffer: bytes.length });
    const { reading, events } = await eventsOf(written(packed));
    expect(reading.tally).toMatchObject({ call: 100_000, unread: 0 });
    expect(events.at(-1)).toBe(last);
  });

  test.each([
    ['as it is', bytes, 100_000],
    ['packed', gzipSync(bytes), 100_000],
    ['empty', Buffer.alloc(0), 0],
    ['a byte', Buffer.from('x'), 0],
  ])('standard input, %s', async (_, input, calls) => {
    const stdin = vi
      .spyOn(process, 'stdin', 'get')
      .mockReturnValue(createReadStream(written(input)) as never);
    const { reading } = await eventsOf('-');
    stdin.mockRestore();
    expect(reading.tally.call).toBe(calls);
  });
});

describe('what is no good log', () => {
  test('an empty file', async () => {
    expect((await eventsOf(written(''))).reading.lines).toBe(0);
  });

  test('a picture', async () => {
    const { reading, events } = await eventsOf(
      written(
        Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]),
      ),
    );
    expect(events).toEqual([]);
    expect(reading.tally).toMatchObject({ other: 3, unread: 0 });
  });

  test('a log cut in a line', async () => {
    const path = written('7 close(3) = 0\n7 openat(AT_FDCWD, "/etc/pas');
    expect((await eventsOf(path)).events).toEqual([last, '7 openat(AT_FDCWD; "/etc/pas"… …']);
  });

  test.each([
    ['gzip', (input: Buffer) => gzipSync(input)],
    ['xz', (input: Buffer) => execFileSync('xz', ['-c'], { input })],
  ])('packed by %s and cut', async (program, pack) => {
    const path = written(pack(bytes));
    truncateSync(path, 100);
    await expect(eventsOf(path)).rejects.toThrow(
      new RegExp(`^${path}: the ${program} data is damaged or cut off .*copy the log again\\.$`),
    );
  });

  test('packed by a program that is missing', async () => {
    const path = written(execFileSync('xz', ['-c'], { input: 'x' }));
    const before = process.env.PATH;
    process.env.PATH = '/nonexistent';
    try {
      await expect(eventsOf(path)).rejects.toThrow(
        `${path} is packed with xz, which is not installed: install xz, or unpack the log first.`,
      );
    } finally {
      process.env.PATH = before;
    }
  });

  test('a file that is not there', async () => {
    await expect(eventsOf(join(folder, 'none'))).rejects.toThrow(
      'none cannot be read: there is no such file.',
    );
    await expect(findLogs([join(folder, 'none')])).rejects.toThrow(
      'none cannot be read: there is no such file.',
    );
    await expect(eventsOf(folder)).rejects.toThrow('cannot be read: it is a directory.');
  });
});

describe('sets of files', () => {
  test('files that differ by their number are one log, in the order of their first times', async () => {
    mkdirSync(join(folder, 'timed'));
    written('1000.2 close(5) = 0\n', 'timed/log.10');
    written('1000.1 fork() = 10\n', 'timed/log.32000');
    written('', 'timed/log.9');
    const sources = await findLogs([join(folder, 'timed')]);
    expect(sources.map(({ name }) => name)).toEqual([join(folder, 'timed/log')]);
    const [source] = sources;
    if (source === undefined) throw new Error('no log');
    expect((await eventsOf(source)).events).toEqual(['32000 fork() = 10', '10 close(5) = 0']);
  });

  test('without times they come by number', async () => {
    const paths = [
      written('close(5) = 0\n', 'plain.10'),
      written('fork() = 10\n', 'plain.9'),
      written('7 close(1) = 0\n', 'other.log'),
    ];
    const sources = await findLogs(paths);
    expect(sources.map(({ files: parts }) => parts.length)).toEqual([2, 1]);
    const events = await Promise.all(sources.map(async (source) => (await eventsOf(source)).events));
    expect(events.flat()).toEqual(['9 fork() = 10', '10 close(5) = 0', '7 close(1) = 0']);
  });

  test('packed files of a set keep their number', async () => {
    const [source] = await findLogs([written(gzipSync('close(5) = 0\n'), 'packed.77.gz')]);
    if (source === undefined) throw new Error('no log');
    expect((await eventsOf(source)).events).toEqual(['77 close(5) = 0']);
  });

  test('an empty directory is said to be one', async () => {
    mkdirSync(join(folder, 'empty'));
    await expect(findLogs([join(folder, 'empty')])).rejects.toThrow('holds no file');
  });
});
