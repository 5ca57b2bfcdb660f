import type { Result } from './event.ts';
import { lastClosing, resultAfter } from './parse-result.ts';
import { argumentsEnd } from './scan-arguments.ts';

/** What stands behind `name(`: arguments up to `end`, and how the call goes on. */
export type CallBody =
  | { ends: 'complete'; end: number; result: Result }
  | { ends: 'unfinished' | 'detached'; end: number }
  /** A thread's execve goes on under the number of its leader. */
  | { ends: 'moved'; end: number; to: number };

const unfinishedMark = ' <unfinished ...>';
const detachedMark = ' <detached ...>';
const pidChanged = / <pid changed to (\d{1,7}) \.\.\.>$/;

/** Reads the body whose arguments begin at `from`; undefined when the text breaks off. */
export function readBody(text: string, from: number): CallBody | undefined {
  if (text.charCodeAt(text.length - 1) === 62 && text.charCodeAt(text.length - 2) === 46) {
    if (text.endsWith(unfinishedMark))
      return { ends: 'unfinished', end: text.length - unfinishedMark.length };
    if (text.endsWith(detachedMark)) return { ends: 'detached', end: text.length - detachedMark.length };
    const changed = pidChanged.exec(text.slice(-64));
    if (changed !== null)
      return { ends: 'moved', end: text.length - changed[0].length, to: Number(changed[1]) };
  }
  return readComplete(text, from) ?? readLast(text, from);
}

/** The arguments by their quotes and brackets, and the result right behind. */
export function readComplete(text: string, from: number): CallBody | undefined {
  const end = argumentsEnd(text, from);
  const result = end < 0 ? undefined : resultAfter(text, end);
  return result === undefined ? undefined : { ends: 'complete', end, result };
}

/** The last thing on the line that can be a result, where quotes and brackets lead nowhere. */
export function readLast(text: string, from: number): CallBody | undefined {
  const end = lastClosing(text, from);
  const result = end < 0 ? undefined : resultAfter(text, end);
  return result === undefined ? undefined : { ends: 'complete', end, result };
}

/**
 * The rest of a call on the line that ends it, from behind `resumed>`. Before 5.0 a space is added there, and a call that death
 * cut has its mark twice: `<... nanosleep resumed> <unfinished ...>) = ?`.
 */
export function restBehindResumed(text: string, at: number): string {
  if (text.startsWith(`${unfinishedMark})`, at)) return text.slice(at + unfinishedMark.length);
  return text.charCodeAt(at) === 32 && !text.startsWith(unfinishedMark, at)
    ? text.slice(at + 1)
    : text.slice(at);
}

const longestName = 64;

/** The `(` behind a name that begins at `at`: `openat`, `readv#64`, `64:readv`, `???`; -1 without. */
export function nameEnd(text: string, at: number): number {
  const limit = at + longestName;
  for (let i = at; i < limit; i++) {
    const c = text.charCodeAt(i);
    const part =
      (c >= 97 && c <= 122) ||
      (c >= 48 && c <= 58) ||
      c === 95 ||
      (c >= 65 && c <= 90) ||
      c === 63 ||
      c === 35;
    if (!part) return c === 40 && i > at ? i : -1;
  }
  return -1;
}
