import { type Words, wordsIn } from './repeated-calls.ts';

/** What of a call's words makes no difference to a listener, beside what `-y` says of its descriptors. */
export interface Gist {
  /** Ports in socket addresses. */
  ports: boolean;
  /** The first string: a buffer. */
  buffer: boolean;
}

/** Longer ones are not worth it. */
const longest = 512;
const backslash = 92;
const doubleQuote = 34;
const lessThan = 60;
const greaterThan = 62;
const minus = 45;
const closeParen = 41;
const port = Buffer.from('htons(');

const gist = Buffer.allocUnsafeSlow(longest);

/** A call's words without what makes no difference: a buffer that the next one is written to, and how many bytes of it. */
export const wordsThatCount: Words & { length: number } = { ...wordsIn(gist), length: 0 };

/**
 * Writes the words that stand from `from` to `to` into `wordsThatCount`, without what a gist leaves out; false where they are too long.
 * Strings are passed over as a whole: what a program writes into one leaves nothing out.
 */
export function writeGist(bytes: Buffer, from: number, to: number, { ports, buffer }: Gist): boolean {
  if (to - from > longest) return false;
  let length = 0;
  let isFirst = buffer;
  for (let at = from; at < to; at++) {
    const c = bytes[at] as number;
    if (c === doubleQuote) {
      const end = endOfString(bytes, at, to);
      if (!isFirst) for (let i = at; i < end; i++) gist[length++] = bytes[i] as number;
      isFirst = false;
      at = end - 1;
    } else if (c === lessThan && isDigit(bytes[at - 1] as number)) at = endOfAnnotation(bytes, at, to);
    else {
      gist[length++] = c;
      if (ports && c === 40 && standsBefore(bytes, at + 1, port)) {
        while (at + 1 < to && bytes[at + 1] !== closeParen) at++;
      }
    }
  }
  wordsThatCount.length = length;
  return true;
}

/** Behind the quote that closes the string which opens at `at`. */
function endOfString(bytes: Buffer, at: number, to: number): number {
  let i = at + 1;
  while (i < to && bytes[i] !== doubleQuote) i += bytes[i] === backslash ? 2 : 1;
  return Math.min(i + 1, to);
}

/** The `>` of `6<TCP:[127.0.0.1:80->127.0.0.1:50000]>`; the `<` itself where there is none. */
function endOfAnnotation(bytes: Buffer, at: number, to: number): number {
  let i = at + 1;
  while (i < to && (bytes[i] !== greaterThan || bytes[i - 1] === minus)) i++;
  return i < to ? i : at;
}

function standsBefore(bytes: Buffer, at: number, words: Buffer): boolean {
  const begin = at - words.length;
  for (let i = 0; i < words.length; i++) if (bytes[begin + i] !== words[i]) return false;
  return true;
}

function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}
