import { readAnnotation } from './annotation.ts';
import type { Result } from './event.ts';
import { annotationEnd } from './scan-arguments.ts';

/**
 * `= VALUE [<annotation>] [ERRNO (text)] [(more)] [(INJECTED…)] [(DELAYED)] [<time>]`
 * https://github.com/strace/strace/blob/master/src/syscall.c (print_syscall_resume, syscall_exiting_trace)
 */

const space = 32;
const questionMark = 63;

/** The result behind the `)` at `close`: at least one space, `=`, a value. Undefined where no result stands there. */
export function resultAfter(text: string, close: number): Result | undefined {
  let at = close + 1;
  while (text.charCodeAt(at) === space) at++;
  if (at === close + 1 || text.charCodeAt(at) !== 61) return undefined;
  if (at + 1 >= text.length) return readResult(text, at + 1);
  return text.charCodeAt(at + 1) === space ? readResult(text, at + 2) : undefined;
}

/** How many places are tried on one line: a line that holds more was made to take time. */
const closingTries = 16;

/** The last `)` behind which a result stands, for lines on which the arguments cannot be told from other text; -1 without. */
export function lastClosing(text: string, from: number): number {
  let tries = 0;
  for (
    let at = text.lastIndexOf(' = ');
    at > from && tries < closingTries;
    at = text.lastIndexOf(' = ', at - 1)
  ) {
    let close = at;
    while (close > from && text.charCodeAt(close) === space) close--;
    if (text.charCodeAt(close) !== 41 || close < from) continue;
    if (resultAfter(text, close) !== undefined) return close;
    tries++;
  }
  return -1;
}

function readResult(text: string, from: number): Result | undefined {
  if (from >= text.length) return plain('', undefined);
  const c = text.charCodeAt(from);
  let end = from + 1;
  if (c === questionMark) {
    if (end === text.length) return plain('?', undefined);
    return withTail(text, end, plain('?', undefined));
  }
  if (!(c === 45 || (c >= 48 && c <= 57))) return undefined;
  while (isNumberPart(text.charCodeAt(end))) end++;
  const value = text.slice(from, end);
  const number = numberFrom(value);
  if (number === undefined) return undefined;
  if (end === text.length) return plain(value, number);
  return withTail(text, end, plain(value, number));
}

function plain(text: string, number: number | undefined): Result {
  return { text, number, errno: undefined, info: undefined, injected: false };
}

function withTail(text: string, from: number, result: Result): Result | undefined {
  let at = from;
  if (text.charCodeAt(at) === 60) {
    let close = annotationEnd(text, at);
    if (close < 0) close = text.lastIndexOf('>');
    if (close < at) return undefined;
    const annotation = readAnnotation(text, at, close);
    result.info = annotation.info;
    at = annotation.end;
  }
  if (at < text.length && text.charCodeAt(at) !== space) return undefined;
  const c = text.charCodeAt(at + 1);
  if (c >= 65 && c <= 90) {
    let end = at + 2;
    while (isErrnoPart(text.charCodeAt(end))) end++;
    result.errno = text.slice(at + 1, end);
    at = end;
  }
  // A number without a name: `-1 (errno 530)`, before 4.23 also `-1 E??? (errno 512)`.
  if ((result.errno === undefined || result.errno === 'E???') && text.startsWith(' (errno ', at)) {
    result.errno = `ERRNO_${text.slice(at + 8, text.indexOf(')', at) >>> 0)}`;
  }
  if (text.length - at > 10 && text.indexOf('(INJECTED', at) >= 0) result.injected = true;
  return result;
}

/** Decimal, hexadecimal or octal; undefined for anything else. Addresses above 2^53 lose their last bits. */
export function numberFrom(text: string): number | undefined {
  const c = text.charCodeAt(0);
  if (text.length === 1) return c >= 48 && c <= 57 ? c - 48 : undefined;
  if (/^-?[1-9]\d*$|^0$/.test(text)) return Number(text);
  if (/^0x[0-9a-f]+$/i.test(text)) return Number(text);
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  return undefined;
}

function isNumberPart(c: number): boolean {
  return (c >= 48 && c <= 57) || (c >= 97 && c <= 102) || c === 120;
}

function isErrnoPart(c: number): boolean {
  return (c >= 65 && c <= 90) || (c >= 48 && c <= 57) || c === 95 || c === questionMark;
}
