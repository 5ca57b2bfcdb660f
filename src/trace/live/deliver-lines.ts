import type { Readable } from 'node:stream';
import split2 from 'split2';

/** Gets each line without its newline, as a byte string. A promise holds the next one back until it has settled. */
export type OnLine = (line: string) => void | Promise<void>;

/** Hands a text stream's lines on, in order, also a last one without a newline. Rejects when `onLine` fails. */
export async function deliverLines(text: Readable, onLine: OnLine): Promise<void> {
  // decodeStrings: the text must not make a detour over bytes in another encoding.
  const split = split2('\n', { decodeStrings: false });
  text.once('error', (error) => split.destroy(error));
  const lines: AsyncIterable<string> = text.pipe(split);
  try {
    for await (const line of lines) {
      const held = onLine(line);
      if (held !== undefined) await held;
    }
  } finally {
    text.destroy();
  }
}
