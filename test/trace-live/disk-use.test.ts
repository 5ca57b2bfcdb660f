import { mkdtemp, open, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, execaSync } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deliverLines } from '../../src/trace/live/deliver-lines.ts';
import { follow } from '../../src/trace/live/follow.ts';
import { HolePuncher } from '../../src/trace/live/punch-hole.ts';
import { straceArguments } from '../../src/trace/live/strace-arguments.ts';
import { noStrace } from './strace-here.ts';

let directory: string;
let noHoles: string | undefined;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'disk-'));
  const file = join(directory, 'probe');
  await writeFile(file, Buffer.alloc(8192));
  const probe = execaSync('fallocate', ['--punch-hole', '--offset', '0', '--length', '4096', file], {
    reject: false,
  });
  noHoles = probe.failed ? `no holes in ${tmpdir()}: ${probe.stderr}` : undefined;
});
afterAll(() => rm(directory, { recursive: true }));

test('what was read takes no disk space any more, and what was not is untouched', async (context) => {
  if (noHoles !== undefined) return context.skip(noHoles);
  const file = join(directory, 'punched');
  const handle = await open(file, 'w+');
  const data = Buffer.alloc(1024 * 1024, 'x');
  await handle.write(data);
  await handle.sync();
  const puncher = new HolePuncher(file, 256 * 1024);
  puncher.consumed(100);
  await puncher.settled();
  expect((await handle.stat()).blocks * 512).toBeGreaterThanOrEqual(data.length);
  puncher.consumed(700_001);
  await puncher.settled();
  const { blocks, size } = await handle.stat();
  expect(size).toBe(data.length);
  expect(blocks * 512).toBeLessThanOrEqual(data.length - 700_000 + 4096 * 3);
  const rest = Buffer.alloc(data.length - 700_001);
  await handle.read(rest, 0, rest.length, 700_001);
  expect(rest.equals(data.subarray(700_001))).toBe(true);
  await handle.close();
});

test('a chatty program does not fill the disk, and no line is lost', async (context) => {
  if (noHoles !== undefined) return context.skip(noHoles);
  if (noStrace !== undefined) return context.skip(noStrace);
  const file = join(directory, 'chatty');
  await writeFile(file, '');
  const puncher = new HolePuncher(file, 128 * 1024);
  const flags = straceArguments({ version: { major: 5, minor: 0 }, output: file });
  const count = 20_000;
  const program = ['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=1', `count=${count}`, 'status=none'];
  const strace = execa('strace', [...flags, '--', ...program], { stdio: 'ignore' });
  let reads = 0;
  let consumed = 0;
  let mostKept = 0;
  const text = follow(file, {
    complete: strace,
    onRead(bytes) {
      consumed = bytes;
      puncher.consumed(bytes);
    },
  });
  // How far the reader lags behind is not ours to say: what it has read must not be kept.
  const look = async () => {
    await puncher.settled();
    puncher.consumed(consumed);
    await puncher.settled();
    const { blocks, size } = await stat(file);
    mostKept = Math.max(mostKept, blocks * 512 - (size - consumed));
  };
  let line = 0;
  await deliverLines(text, async (words) => {
    if (words.includes(' read(0')) reads++;
    if (line++ % 500 === 0) await look();
  });
  await look();
  const { size } = await stat(file);
  expect(reads).toBe(count);
  expect(size).toBeGreaterThan(1_800_000);
  // A step that is not full yet, and what the file system gives in advance.
  expect(mostKept).toBeLessThan(512 * 1024);
});
