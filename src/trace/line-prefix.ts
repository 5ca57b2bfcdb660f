/**
 * What strace writes in front of a call: `PID  [secontext]  TIME  RELATIVE-TIME  [nr]  [instruction pointer]  BODY`,
 * each part only where an option asked for it.
 * https://github.com/strace/strace/blob/master/src/strace.c (printleader)
 */

/** `file`: `123   close(3)`; `terminal`: `[pid   123] close(3)`; `none`: the line carries no number. */
export type PidForm = 'none' | 'file' | 'terminal';

/** Filled anew by each `readPrefix`, so that a line costs no allocation. */
export interface LinePrefix {
  form: PidForm;
  pid: number;
  /** Where the body begins. */
  at: number;
  /** Where the first time on the line stands; both -1 without one. */
  timeFrom: number;
  timeTo: number;
}

export function emptyPrefix(): LinePrefix {
  return { form: 'none', pid: 0, at: 0, timeFrom: -1, timeTo: -1 };
}

/** The largest pid that Linux gives is 4194304: https://man7.org/linux/man-pages/man5/proc_sys_kernel.5.html */
const pidDigits = 7;
const commLength = 160;
const bracketLength = 400;
const timeLength = 40;

const space = 32;
const openParen = 40;
const plus = 43;
const dot = 46;
const colon = 58;
const lessThan = 60;
const openBracket = 91;
const closeBracket = 93;

/** Reads the prefix of a line that has no colours left. Never fails: what is no prefix belongs to the body. */
export function readPrefix(line: string, prefix: LinePrefix): void {
  prefix.form = 'none';
  prefix.pid = 0;
  prefix.timeFrom = -1;
  prefix.timeTo = -1;
  let at = 0;
  const first = line.charCodeAt(0);
  if (isDigit(first)) at = readFilePid(line, prefix);
  else if (first === openBracket && line.startsWith('[pid', 0)) at = readTerminalPid(line, prefix);
  for (;;) {
    const next = partEnd(line, at, prefix);
    if (next < 0) break;
    at = next;
  }
  prefix.at = at;
}

/** The time in front of a line as seconds (of the day or since 1970), undefined without one. */
export function prefixTime(line: string, prefix: LinePrefix): number | undefined {
  if (prefix.timeFrom < 0) return undefined;
  const parts = line.slice(prefix.timeFrom, prefix.timeTo).split(':').map(Number);
  const seconds = parts.reduce((sum, part) => sum * 60 + part, 0);
  return Number.isFinite(seconds) ? seconds : undefined;
}

function readFilePid(line: string, prefix: LinePrefix): number {
  let pid = 0;
  let i = 0;
  let c = line.charCodeAt(0);
  while (isDigit(c) && i <= pidDigits) {
    pid = pid * 10 + c - 48;
    c = line.charCodeAt(++i);
  }
  if (i > pidDigits) return 0;
  let at = 0;
  if (c === space) at = skipSpaces(line, i);
  else if (c === lessThan) at = commEnd(line, i, space);
  if (at <= 0) return 0;
  prefix.form = 'file';
  prefix.pid = pid;
  return at;
}

function readTerminalPid(line: string, prefix: LinePrefix): number {
  let i = skipSpaces(line, 4);
  let pid = 0;
  const from = i;
  for (let c = line.charCodeAt(i); isDigit(c) && i - from <= pidDigits; c = line.charCodeAt(++i))
    pid = pid * 10 + c - 48;
  if (i === from || i - from > pidDigits) return 0;
  if (line.charCodeAt(i) === lessThan) i = commEnd(line, i, closeBracket) - 1;
  if (i < 0 || line.charCodeAt(i) !== closeBracket || line.charCodeAt(i + 1) !== space) return 0;
  prefix.form = 'terminal';
  prefix.pid = pid;
  return i + 2;
}

/** Behind the `>` of a comm and the character that must follow it; 0 where there is none. A comm has `>` only escaped. */
function commEnd(line: string, from: number, follower: number): number {
  const limit = Math.min(line.length, from + commLength);
  for (let i = from + 1; i < limit; i++) {
    if (line.charCodeAt(i) === 62) return line.charCodeAt(i + 1) === follower ? i + 2 : 0;
  }
  return 0;
}

/** Where the part that begins at `at` ends (with its space); -1 when the body begins here. */
function partEnd(line: string, at: number, prefix: LinePrefix): number {
  const c = line.charCodeAt(at);
  if (c === openBracket) return bracketEnd(line, at);
  if (isDigit(c)) return timeEnd(line, at, prefix);
  if (c === space) {
    const number = skipSpaces(line, at);
    return number - at <= 6 && isDigit(line.charCodeAt(number)) ? timeEnd(line, number, prefix) : -1;
  }
  if (c === openParen && line.charCodeAt(at + 1) === plus) {
    const end = line.slice(at, at + timeLength).indexOf(') ');
    return end < 0 ? -1 : at + end + 2;
  }
  return -1;
}

/** `22:51:10 `, `1795301470.844338 `, `0 ` */
function timeEnd(line: string, at: number, prefix: LinePrefix): number {
  const limit = at + timeLength;
  for (let i = at; i < limit; i++) {
    const c = line.charCodeAt(i);
    if (isDigit(c) || c === dot || c === colon) continue;
    if (c !== space) return -1;
    if (prefix.timeFrom < 0) {
      prefix.timeFrom = at;
      prefix.timeTo = i;
    }
    return i + 1;
  }
  return -1;
}

/** `[ 257] `, `[???] `, `[00007f9237ab7b1d] `, `[unconfined_t] `, but not `[ Process PID=…`: a space ends no part. */
function bracketEnd(line: string, at: number): number {
  const from = skipSpaces(line, at + 1);
  const limit = at + bracketLength;
  for (let i = from; i < limit; i++) {
    const c = line.charCodeAt(i);
    if (c === closeBracket) return i > from && line.charCodeAt(i + 1) === space ? i + 2 : -1;
    if (!(c > space) || c === openParen || c === 34) return -1;
  }
  return -1;
}

function skipSpaces(line: string, from: number): number {
  let i = from;
  while (line.charCodeAt(i) === space) i++;
  return i;
}

function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}
