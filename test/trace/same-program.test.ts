import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TraceEvent } from '../../src/trace/event.ts';
import { findLogs } from '../../src/trace/log-files.ts';
import { readLog } from '../../src/trace/open-log.ts';
import { fdNumber, stringBytes } from '../../src/trace/values.ts';
import { read } from './reading.ts';

/** One program that does the same each time, traced with many flags, must be understood in one way. */

const program = ['sh', '-c', 'cat hello caf* > out; ls nowhere; test -d . && cat < "a b"; exec cat missing'];
const folder = mkdtempSync(join(tmpdir(), 'same-program-'));
let expected: string[][];

beforeAll(async () => {
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'hello'), 'a\x001\0b"\\\n'.repeat(3));
  writeFileSync(join(folder, 'café'), 'é');
  writeFileSync(join(folder, 'a b'), ') = -1 ENOENT (x\n');
  expected = await tracedTo('plain.log', ['-f']);
  expect(expected).toHaveLength(4);
  expect(expected.flat().length).toBeGreaterThan(100);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Address randomisation off: whether an allocation needs a second brk must not differ.
const start = ['-R', 'strace'];

async function tracedTo(name: string, flags: string[]): Promise<string[][]> {
  const log = join(folder, name);
  await execa('setarch', [...start, ...flags, '-o', log, ...program], {
    reject: false,
    stdio: 'ignore',
    cwd: folder,
  });
  const reading = read(readFileSync(log, 'latin1'));
  expect(reading.unread).toEqual([]);
  return byProcess(reading.events);
}

/** What each process did, in the order in which they began: names, descriptors, whole strings, errors. */
function byProcess(events: TraceEvent[]): string[][] {
  const processes = new Map<number, { did: string[]; signals: string[] }>();
  for (const event of events) {
    const { did, signals } = processes.get(event.pid) ?? { did: [], signals: [] };
    processes.set(event.pid, { did, signals });
    if (event.kind === 'exit') did.push(`exit ${event.status} ${event.signal}`);
    // A child that ends at once tells so before or after its parent begins to wait.
    else if (event.kind === 'signal') signals.push(event.signal);
    else if (event.kind === 'call') (event.name === 'rt_sigreturn' ? signals : did).push(callShown(event));
  }
  // A child's first line may come before or after its parent's fork returns: by what they did is a steady order.
  return [...processes.values()]
    .map(({ did, signals }) => [...did, ...signals])
    .sort((a, b) => (a.join() < b.join() ? -1 : 1));
}

function callShown(call: Extract<TraceEvent, { kind: 'call' }>): string {
  const strings = call.name === 'getrandom' ? [] : call.args.flatMap((arg) => stringBytes(arg) ?? []);
  const fd = /^(read|write|close|newfstatat|openat|dup2|fstat)$/.test(call.name)
    ? fdNumber(call.args[0])
    : undefined;
  const result = /^(openat|read|write|dup2|close)$/.test(call.name) ? call.result.number : undefined;
  return JSON.stringify([call.name, fd, strings, call.result.errno, result]);
}

describe('what a program did does not depend on how strace was asked to write', () => {
  test.each([
    [['-f']],
    [['-f', '-tt', '-T']],
    [['-f', '-t', '-T']],
    [['-f', '-ttt']],
    [['-f', '-r']],
    [['-f', '-r', '-ttt']],
    [['-f', '--absolute-timestamps=precision:ns', '--relative-timestamps=s']],
    [['-f', '--absolute-timestamps=format:unix,precision:s']],
    [['-f', '-y']],
    [['-f', '-yy']],
    [['-f', '-v']],
    [['-f', '-x']],
    [['-f', '-xx', '-yy']],
    [['-f', '--strings-in-hex=non-ascii-chars', '-y']],
    [['-f', '-i']],
    [['-f', '-n', '-i', '-tt', '-r']],
    [['-f', '-X', 'verbose']],
    [['-f', '-X', 'raw']],
    [['-f', '-a', '0']],
    [['-f', '--decode-pids=comm', '-y']],
    [['-f', '-e', 'read=all', '-e', 'write=all']],
    [['-f', '-C', '-w']],
  ])('%j', async (flags) => {
    expect(await tracedTo('flags.log', flags)).toEqual(expected);
  });

  test('with stack frames, where strace was built with them', async ({ skip }) => {
    const { stderr } = await execa('strace', ['-k', '-e', 'trace=none', 'true'], { reject: false });
    if (/not (?:supported|implemented)|invalid option/.test(stderr))
      skip('this strace writes no stack frames');
    expect(await tracedTo('frames.log', ['-f', '-k'])).toEqual(expected);
  });

  test.each([[[]], [['-q']], [['-tt', '--decode-pids=comm', '-yy']]])(
    'on a terminal, with the output of the program in between: %j',
    async (flags) => {
      const { stderr } = await execa('setarch', [...start, '-f', ...flags, ...program], {
        reject: false,
        encoding: 'latin1',
        cwd: folder,
      });
      const reading = read(stderr);
      expect(reading.unread).toEqual([]);
      expect(byProcess(reading.events)).toEqual(expected);
    },
  );

  test('a file for each process', async () => {
    await execa('setarch', [...start, '-ff', '-ttt', '-o', join(folder, 'set'), ...program], {
      reject: false,
      stdio: 'ignore',
      cwd: folder,
    });
    const logs = (await findLogs([folder])).filter(({ name }) => name === join(folder, 'set'));
    expect(logs).toHaveLength(1);
    const events: TraceEvent[] = [];
    for (const log of logs) {
      const reading = await readLog(log, (event) => events.push(event));
      expect(reading.unread).toEqual([]);
      expect(reading.lines).toBe(Object.values(reading.tally).reduce((sum, count) => sum + count, 0));
    }
    expect(byProcess(events)).toEqual(expected);
    // The parent's file comes first.
    expect(events[0]).toMatchObject({ kind: 'call', name: 'execve' });
    expect(existsSync(join(folder, `set.${events[0]?.pid}`))).toBe(true);
  });
});
