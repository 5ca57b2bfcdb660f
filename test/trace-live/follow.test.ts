import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deliverLines } from '../../src/trace/live/deliver-lines.ts';
import { follow } from '../../src/trace/live/follow.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'follow-'));
});
afterAll(() => rm(directory, { recursive: true }));

test('whatever bytes are appended in whatever pieces come out as the same lines', async () => {
  const piece = fc
    .uint8Array({ maxLength: 40 })
    .map((bytes) => Buffer.from(bytes.map((byte) => (byte % 7 === 0 ? 10 : byte))));
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
      const file = join(directory, String(run++));
      await writeFile(file, '');
      let finish = () => {};
      const complete = new Promise<void>((resolve) => {
        finish = resolve;
      });
      const lines: string[] = [];
      const delivered = deliverLines(follow(file, { complete }), (line) => void lines.push(line));
      for (const part of pieces) {
        await appendFile(file, part);
        await new Promise(setImmediate);
      }
      finish();
      await delivered;
      const expected = Buffer.concat(pieces).toString('latin1').split('\n');
      if (expected.at(-1) === '') expected.pop();
      expect(lines).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

test('a line is delivered while the file grows, before anybody says that it is complete', async () => {
  const file = join(directory, 'growing');
  await writeFile(file, 'first\nsec');
  let finish = () => {};
  const complete = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const lines: string[] = [];
  await deliverLines(follow(file, { complete }), async (line) => {
    lines.push(line);
    if (line === 'first') await appendFile(file, 'ond\nthird');
    if (line === 'second') finish();
  });
  expect(lines).toEqual(['first', 'second', 'third']);
});

test('a file that is not there is an error, not silence', async () => {
  const text = follow(join(directory, 'none'), { complete: new Promise(() => {}) });
  await expect(deliverLines(text, () => {})).rejects.toThrow(/ENOENT/);
});
