/**
 * Finds where things end in strace's output without building anything: quotes, brackets, comments and descriptor annotations.
 * Every function is one pass to the right.
 */

const doubleQuote = 34;
const singleQuote = 39;
const openParen = 40;
const closeParen = 41;
const comma = 44;
const minus = 45;
const slash = 47;
const lessThan = 60;
const greaterThan = 62;
const openBracket = 91;
const backslash = 92;
const closeBracket = 93;
const openBrace = 123;
const closeBrace = 125;

/** The `)` that closes the arguments which begin at `from`; -1 when the text ends before, or inside a string or comment. */
export function argumentsEnd(text: string, from: number): number {
  return groupEnd(text, from, true);
}

/** The bracket of any kind that closes the group whose inside begins at `from`; -1 without one. */
export function bracketEnd(text: string, from: number): number {
  return groupEnd(text, from, false);
}

function groupEnd(text: string, from: number, onlyParen: boolean): number {
  let depth = 0;
  const length = text.length;
  for (let i = from; i < length; i++) {
    const c = text.charCodeAt(i);
    // Letters, digits, `_`, space and comma are most of a line.
    if (c > lessThan && c < openBracket) continue;
    switch (c) {
      case doubleQuote:
        i = stringEnd(text, i);
        if (i < 0) return -1;
        break;
      case singleQuote:
        i = characterEnd(text, i);
        break;
      case openParen:
      case openBracket:
      case openBrace:
        depth++;
        break;
      case closeParen:
      case closeBracket:
      case closeBrace:
        if (depth > 0) depth--;
        else if (!onlyParen || c === closeParen) return i;
        break;
      case slash:
        if (text.charCodeAt(i + 1) === 42) {
          const end = text.indexOf('*/', i + 2);
          if (end < 0) return -1;
          i = end + 1;
        }
        break;
      case lessThan:
        if (opensAnnotation(text, i)) {
          const end = annotationEnd(text, i);
          if (end < 0) return -1;
          i = end;
        }
        break;
    }
  }
  return -1;
}

/** The closing quote of the string that opens at `at`; -1 when it does not close. */
export function stringEnd(text: string, at: number): number {
  let end = text.indexOf('"', at + 1);
  while (end >= 0) {
    let before = end;
    while (text.charCodeAt(before - 1) === backslash) before--;
    if ((end - before) % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return -1;
}

/** The last character of `'x'` or `'\xef'`; `at` itself where the quote opens nothing. */
export function characterEnd(text: string, at: number): number {
  if (text.charCodeAt(at + 1) !== backslash) return text.charCodeAt(at + 2) === singleQuote ? at + 2 : at;
  for (let i = at + 3; i <= at + 6; i++) if (text.charCodeAt(i) === singleQuote) return i;
  return at;
}

/** Whether the `<` at `at` opens an annotation: it stands right behind a number or a name, and is no part of `<<`. */
export function opensAnnotation(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  const word =
    (before >= 48 && before <= 57) ||
    (before >= 65 && before <= 90) ||
    (before >= 97 && before <= 122) ||
    before === 95;
  return word && text.charCodeAt(at + 1) !== lessThan;
}

/**
 * The `>` that closes the annotation which opens at `at`; -1 without one. Paths have `<` and `>` escaped from strace 4.22 on;
 * before, the first `>` is taken behind which a value can end.
 */
export function annotationEnd(text: string, at: number): number {
  return text.charCodeAt(at + 1) === slash ? pathAnnotationEnd(text, at) : otherAnnotationEnd(text, at);
}

function pathAnnotationEnd(text: string, at: number): number {
  let depth = 0;
  for (let i = at + 1; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === lessThan) {
      // `6</dev/null<char 1:3>>`
      if (text.startsWith('char ', i + 1) || text.startsWith('block ', i + 1)) depth++;
    } else if (c === greaterThan) {
      if (depth > 0) depth--;
      else if (endsValue(text, i + 1)) return i;
    }
  }
  return -1;
}

/** `TCP:[a->b]`, `UNIX-STREAM:[1->2,@"x"]`, `pid:7<sh>`, `{eventfd-count=0x5}`, and a bare comm. */
function otherAnnotationEnd(text: string, at: number): number {
  let depth = 0;
  let inBrackets = false;
  for (let i = at + 1; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case backslash:
        i++;
        break;
      case openBracket:
        if (text.charCodeAt(i - 1) === 58) inBrackets = true;
        break;
      case doubleQuote:
        if (inBrackets) {
          i = stringEnd(text, i);
          if (i < 0) return -1;
        }
        break;
      case lessThan:
        depth++;
        break;
      case greaterThan:
        if (inBrackets && text.charCodeAt(i - 1) === minus) break;
        if (depth === 0) return i;
        depth--;
        break;
    }
  }
  return -1;
}

function endsValue(text: string, at: number): boolean {
  if (at >= text.length) return true;
  switch (text.charCodeAt(at)) {
    case 32:
    case comma:
    case closeParen:
    case closeBracket:
    case closeBrace:
    case greaterThan:
      return true;
    case openParen:
      return text.startsWith('(deleted)', at);
    default:
      return false;
  }
}
