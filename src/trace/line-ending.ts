/** How a line of a call ends, told from its last bytes alone. */

/** The line ends in no way that is simple enough to be told so. */
export const unclear = -1;
/** The call goes on on another line. */
export const unfinished = -2;

const space = 32;
const openParen = 40;
const closeParen = 41;
const minus = 45;
const dot = 46;
const slash = 47;
const zero = 48;
const nine = 57;
const colon = 58;
const equals = 61;
const greaterThan = 62;
const lessThan = 60;
const openBracket = 91;
const mark = Buffer.from(' <unfinished ...>');

/** How far to look for the `(` of `(Resource temporarily unavailable)`. */
const longestRemark = 120;

/**
 * The bytes from `from` to `to` are what stands behind `name(` on a line.
 * @returns where the result ends (the time that `-T` adds is left out), for a call that ends with a plain result: a number, behind it
 *   what `-y` says of a descriptor, or an errno, or a remark in parentheses. Else `unfinished` or `unclear`. What it takes for
 *   whole, a reading of the arguments takes for whole too: `lastClosing` in parse-result.ts.
 */
export function endOfResult(bytes: Uint8Array, from: number, to: number): number {
  let at = to - 1;
  if (bytes[at] === greaterThan) {
    if (bytes[at - 1] === dot) return endsWithMark(bytes, from, to) ? unfinished : unclear;
    at = beforeTime(bytes, at);
  }
  const end = at + 1;
  const last = bytes[at] as number;
  if (last < zero || last > nine) {
    if (last === greaterThan) at = beforeAnnotation(bytes, from, at);
    else {
      if (last === closeParen) at = beforeRemark(bytes, from, at);
      at = beforeErrno(bytes, at);
    }
  }
  const before = beforeNumber(bytes, from, at);
  if (
    before <= from ||
    bytes[before] !== space ||
    bytes[before - 1] !== equals ||
    bytes[before - 2] !== space
  )
    return unclear;
  at = before - 3;
  while (bytes[at] === space) at--;
  return at >= from && bytes[at] === closeParen ? end : unclear;
}

function endsWithMark(bytes: Uint8Array, from: number, to: number): boolean {
  const begin = to - mark.length;
  if (begin < from) return false;
  for (let i = 0; i < mark.length; i++) if (bytes[begin + i] !== mark[i]) return false;
  return true;
}

/** ` <0.000012>`: the last byte before it; `at` where no time ends there. */
function beforeTime(bytes: Uint8Array, at: number): number {
  let i = at - 1;
  while (isDigit(bytes[i] as number) || bytes[i] === dot) i--;
  return bytes[i] === lessThan && bytes[i - 1] === space && i < at - 1 ? i - 2 : at;
}

/**
 * `3</etc/passwd>`, `4<TCP:[127.0.0.1:80->127.0.0.1:50000]>`: the last byte before it; `from` where a `>` stands in it that is no arrow
 * in brackets, or in a path. Names have `<` only escaped.
 */
function beforeAnnotation(bytes: Uint8Array, from: number, at: number): number {
  let i = at - 1;
  let hasBareArrow = false;
  for (; i > from && bytes[i] !== lessThan; i--) {
    if (bytes[i] === greaterThan) {
      if (bytes[i - 1] !== minus) return from;
      hasBareArrow = true;
    } else if (bytes[i] === openBracket && bytes[i - 1] === colon) hasBareArrow = false;
  }
  return hasBareArrow && bytes[i + 1] !== slash ? from : i - 1;
}

/** ` (Timeout)` */
function beforeRemark(bytes: Uint8Array, from: number, at: number): number {
  const least = Math.max(from, at - longestRemark);
  let i = at - 1;
  while (i > least && bytes[i] !== openParen) i--;
  return bytes[i] === openParen && bytes[i - 1] === space ? i - 2 : at;
}

/** ` EAGAIN`: an E and capital letters, digits or `_`. */
function beforeErrno(bytes: Uint8Array, at: number): number {
  let i = at;
  while (isErrnoPart(bytes[i] as number)) i--;
  return i < at && bytes[i] === space && bytes[i + 1] === 69 ? i - 1 : at;
}

/** `0`, `-1`, `45`, `0x7f00`: the last byte before it; -1 where no number ends there. */
function beforeNumber(bytes: Uint8Array, from: number, at: number): number {
  let i = at;
  while (i > from && isDigit(bytes[i] as number)) i--;
  if (i < at && (bytes[i] === space || bytes[i] === minus)) {
    // What begins with 0 is octal, and `-0` is no number: left to the whole reading.
    if (bytes[i + 1] === zero && (i + 1 < at || bytes[i] === minus)) return -1;
    return bytes[i] === minus ? i - 1 : i;
  }
  while (i > from && isHexPart(bytes[i] as number)) i--;
  return bytes[i] === 120 && bytes[i - 1] === zero && bytes[i - 2] === space && i < at ? i - 2 : -1;
}

function isDigit(c: number): boolean {
  return c >= zero && c <= nine;
}

function isHexPart(c: number): boolean {
  return (c >= zero && c <= nine) || (c >= 97 && c <= 102);
}

function isErrnoPart(c: number): boolean {
  return (c >= 65 && c <= 90) || (c >= zero && c <= nine) || c === 95;
}
