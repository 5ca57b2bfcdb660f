import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { LogError, systemReason } from './log-error.ts';

/** How a log is compressed, told by its first bytes, not by its name. */
export type Packing = 'gzip' | 'xz' | 'zstd' | 'bzip2';

/** The longest of the marks below. */
export const markLength = 6;

/** The first bytes of each format: https://man7.org/linux/man-pages/man5/magic.5.html */
const marks: [Packing, number[]][] = [
  ['gzip', [0x1f, 0x8b]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
];

/** How the file that begins with these bytes is compressed; undefined when it is not. */
export function packingOf(head: Buffer): Packing | undefined {
  return marks.find(([, mark]) => mark.every((byte, i) => head[i] === byte))?.[0];
}

/**
 * The bytes of a compressed stream, unpacked. gzip is unpacked here, the others by the program of that name.
 * @throws LogError when the program is missing, or the data is damaged or cut off (after all that could be unpacked).
 */
export async function* unpack(packed: Readable, packing: Packing, name: string): AsyncGenerator<Buffer> {
  yield* packing === 'gzip' ? gunzip(packed, name) : unpackBy(packing, packed, name);
}

async function* gunzip(packed: Readable, name: string): AsyncGenerator<Buffer> {
  const gunzipped = packed.on('error', (error) => gunzipped.destroy(error)).pipe(createGunzip());
  try {
    for await (const block of gunzipped) yield block as Buffer;
  } catch (error) {
    throw new LogError(
      `${name}: the gzip data is damaged or cut off (${systemReason(error)}): copy the log again.`,
    );
  } finally {
    packed.destroy();
  }
}

async function* unpackBy(program: Packing, packed: Readable, name: string): AsyncGenerator<Buffer> {
  // Most logs are not packed, and it takes its time to load.
  const { execa } = await import('execa');
  const child = execa(program, ['-dc'], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: { stdout: false },
    reject: false,
  });
  // The child may end before it has read everything: that is told by its exit, not by the broken pipe.
  child.stdin.on('error', () => packed.destroy());
  packed.on('error', () => child.stdin.destroy()).pipe(child.stdin);
  try {
    for await (const block of child.stdout) yield block as Buffer;
    const result = await child;
    if (result.code === 'ENOENT') {
      throw new LogError(
        `${name} is packed with ${program}, which is not installed: install ${program}, or unpack the log first.`,
      );
    }
    if (result.failed) {
      const said = String(result.stderr).split('\n')[0] || result.shortMessage;
      throw new LogError(`${name}: the ${program} data is damaged or cut off (${said}): copy the log again.`);
    }
  } finally {
    packed.destroy();
    child.kill();
  }
}
