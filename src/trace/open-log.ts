import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { LineTally, TraceEvent } from './event.ts';
import { emptyPrefix, prefixTime, readPrefix } from './line-prefix.ts';
import { LogError, systemReason } from './log-error.ts';
import { headOf, type LogFile, type LogSource } from './log-files.ts';
import { BlockReader } from './read-blocks.ts';
import { readTrace, type TraceReader, type UnreadLine } from './read-lines.ts';
import type { Skimming } from './skimming.ts';
import { markLength, packingOf, unpack } from './unpack.ts';

/** What a log held, line by line: the classes add up to `lines`. */
export interface LogReading {
  name: string;
  lines: number;
  tally: LineTally;
  /** The first few lines that look like strace's but could not be read. */
  unread: (UnreadLine & { source: string })[];
}

/** Takes an event, and the file that its line numbers count in. */
export type LogSink = (event: TraceEvent, source: string) => void;

const blockSize = 1 << 20;
const unreadKept = 10;

/**
 * Reads a log to its end; packed files are unpacked on the way. Whatever a file holds is read, and what is no trace is counted.
 * The files of an `-ff` set come one after the other: by the times on their first lines where all have one (a parent's file is
 * begun before its children's), else by number.
 * @throws LogError when a file cannot be opened, read or unpacked.
 */
export async function readLog(
  log: string | LogSource,
  sink: LogSink,
  skimmingOf?: (file: string) => Skimming,
): Promise<LogReading> {
  const source = typeof log === 'string' ? { name: log, files: [{ path: log, pid: 0 }] } : log;
  const reading: LogReading = { name: source.name, lines: 0, tally: emptyTally(), unread: [] };
  for (const file of await inOrder(source.files)) {
    const reader = readTrace((event) => sink(event, file.path), file.pid);
    await openLog(file.path, new BlockReader(reader, skimmingOf?.(file.path), file.pid));
    addTo(reading, reader, file.path);
  }
  return reading;
}

/**
 * Feeds a reader with a file, or with standard input (`-`), and ends it.
 * @throws LogError when the file cannot be opened, read or unpacked; the reader is ended with what came.
 */
async function openLog(path: string, reader: BlockReader): Promise<void> {
  try {
    for await (const block of blocksOf(path)) reader.push(block);
  } catch (error) {
    if (error instanceof LogError) throw error;
    throw new LogError(`${path === '-' ? 'standard input' : path} cannot be read: ${systemReason(error)}.`);
  } finally {
    reader.end();
  }
}

async function* blocksOf(path: string): AsyncGenerator<Buffer> {
  if (path === '-') {
    yield* blocksOfStream(process.stdin, 'standard input');
    return;
  }
  const file = await open(path);
  try {
    const isPlain = (await file.stat()).isFile() && packingOf(await beginningOf(file)) === undefined;
    if (isPlain) yield* blocksOfFile(file);
    else yield* blocksOfStream(file.createReadStream({ highWaterMark: blockSize, autoClose: false }), path);
  } finally {
    await file.close();
  }
}

/** While one block is at work the next one is read. Each is used again for the one after the next. */
async function* blocksOfFile(file: FileHandle): AsyncGenerator<Buffer> {
  const buffers = [Buffer.allocUnsafeSlow(blockSize), Buffer.allocUnsafeSlow(blockSize)] as const;
  let position = 0;
  let next = file.read(buffers[0], 0, blockSize, position);
  for (let turn = 0; ; turn = 1 - turn) {
    const { buffer, bytesRead } = await next;
    if (bytesRead === 0) return;
    position += bytesRead;
    next = file.read(buffers[turn === 0 ? 1 : 0], 0, blockSize, position);
    // Whoever stops in the middle must not leave a failure that nobody hears of.
    next.catch(() => undefined);
    yield buffer.subarray(0, bytesRead);
  }
}

async function* blocksOfStream(stream: Readable, name: string): AsyncGenerator<Buffer> {
  let head: Buffer = Buffer.alloc(0);
  // Without destroyOnReturn the stream would be closed between its head and the rest.
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    head = Buffer.concat([head, Buffer.from(chunk as Buffer)]);
    if (head.length >= markLength) break;
  }
  const packing = packingOf(head);
  if (packing !== undefined) {
    stream.unshift(head);
    yield* unpack(stream, packing, name);
    return;
  }
  yield head;
  for await (const chunk of stream) yield chunk as Buffer;
}

async function beginningOf(file: FileHandle): Promise<Buffer> {
  const head = Buffer.alloc(markLength);
  const { bytesRead } = await file.read(head, 0, markLength, 0);
  return head.subarray(0, bytesRead);
}

const headLength = 4096;

async function inOrder(files: LogFile[]): Promise<LogFile[]> {
  if (files.length < 2) return files;
  const timed = await Promise.all(files.map(async (file) => ({ file, time: await timeOf(file.path) })));
  const allTimed = timed.every(({ time }) => time !== undefined);
  timed.sort((a, b) => (allTimed ? (a.time ?? 0) - (b.time ?? 0) : 0) || a.file.pid - b.file.pid);
  return timed.map(({ file }) => file);
}

/** An empty file (strace makes them early) stands in nobody's way. */
async function timeOf(path: string): Promise<number | undefined> {
  const [line = ''] = (await headOf(path, headLength)).toString('latin1').split('\n', 1);
  if (line === '') return 0;
  const prefix = emptyPrefix();
  readPrefix(line, prefix);
  return prefixTime(line, prefix);
}

function emptyTally(): LineTally {
  return { call: 0, continuation: 0, signal: 0, exit: 0, notice: 0, other: 0, unread: 0 };
}

function addTo(reading: LogReading, reader: TraceReader, source: string): void {
  reading.lines += reader.lines;
  for (const name of Object.keys(reading.tally) as (keyof LineTally)[])
    reading.tally[name] += reader.tally[name];
  const room = unreadKept - reading.unread.length;
  reading.unread.push(...reader.unread.slice(0, room).map((line) => ({ ...line, source })));
}
