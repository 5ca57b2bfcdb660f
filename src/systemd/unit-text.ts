import { hasLoneByte, textOfBytes } from '../paths/byte-text.ts';

/** One assignment as it stands in a unit file or drop-in. */
export interface UnitLine {
  section: string;
  key: string;
  /** Path text (paths/byte-text): continued lines joined, blanks at both ends gone; `wordsOf` cuts it. */
  text: string;
  file: string;
  /** Where the assignment begins, counted from 1. */
  line: number;
}

export interface UnitText {
  lines: UnitLine[];
  /** What systemd would ignore, `file:line: why`. */
  warnings: string[];
}

/** LONG_LINE_MAX, for a line and for what continued lines add up to: src/basic/fileio.h of systemd. */
const longestLine = 1 << 20;

const newline = 0x0a;
const carriageReturn = 0x0d;
const nul = 0;
const backslash = 0x5c;

const byteOrderMark = '\xef\xbb\xbf';

/** The sections of every type of unit; systemd passes over others, and over `X-…` without a word. */
const knownSections =
  /^(?:Unit|Install|Service|Socket|Timer|Path|Mount|Automount|Swap|Slice|Scope|Target|Device|X-.*)$/;

/**
 * Reads a unit file or drop-in as systemd does: config_parse() and parse_line() in src/shared/conf-parser.c,
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.syntax.html
 * Every assignment is kept, whether or not systemd knows the key; a key or section that is spelt wrong is the caller's to judge.
 * Where systemd gives a file up (bytes that are not UTF-8, a broken section header, a line over 1 MiB), the rest of it is lost
 * here too. It never throws.
 * @param file how warnings and lines name the file
 */
export function readUnitText(text: Buffer, file: string): UnitText {
  const read: UnitText = { lines: [], warnings: [] };
  let section: string | undefined;
  let continued: Continued | undefined;
  let markSeen = false;
  const warn = (line: number, why: string) => read.warnings.push(`${file}:${line}: ${why}`);

  for (const { from, to, number } of physicalLines(text)) {
    if (to - from >= longestLine) {
      warn(number, 'this line is over 1 MiB: it and the rest of the file are lost.');
      return read;
    }
    let bytes = text.toString('latin1', from, to);
    if (/^[ \t]*[#;]/.test(bytes)) continue;
    if (!markSeen && bytes.startsWith(byteOrderMark)) {
      markSeen = true;
      bytes = bytes.slice(byteOrderMark.length);
    }
    const part: Continued = continued ?? { parts: [], size: 0, line: number };
    if (part.size + bytes.length > longestLine) {
      warn(
        part.line,
        'this line and its continuations are over 1 MiB: they and the rest of the file are lost.',
      );
      return read;
    }
    part.size += bytes.length;
    if (goesOn(bytes)) {
      part.parts.push(`${bytes.slice(0, -1)} `);
      continued = part;
      continue;
    }
    part.parts.push(bytes);
    continued = undefined;
    const next = readLine(part, section, read, file);
    if (next === null) return read;
    section = next;
  }
  if (continued !== undefined) readLine(continued, section, read, file);
  return read;
}

interface Continued {
  parts: string[];
  size: number;
  line: number;
}

/** @returns the section in which the next line stands, or that systemd reads no further. */
function readLine(
  { parts, line }: Continued,
  section: string | undefined,
  read: UnitText,
  file: string,
): string | undefined | null {
  const warn = (why: string) => read.warnings.push(`${file}:${line}: ${why}`);
  const bytes = strip(parts.join(''));
  if (bytes === '') return section;
  const text = textOfBytes(bytes);
  if (!isValid(text)) {
    warn('invalid UTF-8: this line and the rest of the file are lost.');
    return null;
  }
  if (text.startsWith('[')) {
    const name = text.slice(1, -1);
    if (!text.endsWith(']') || !isSafe(name)) {
      warn('this section header is broken: it and the rest of the file are lost.');
      return null;
    }
    if (!knownSections.test(name)) warn('this section is unknown: what stands in it is ignored.');
    return name;
  }
  const equals = text.indexOf('=');
  if (section === undefined) warn('this line stands before the first section: it is ignored.');
  else if (equals < 0) warn('there is no "=" in this line: it is ignored.');
  else if (equals === 0) warn('there is no key before the "=": the line is ignored.');
  else {
    const value = strip(text.slice(equals + 1));
    read.lines.push({ section, key: strip(text.slice(0, equals)), text: value, file, line });
  }
  return section;
}

/**
 * Lines end in a newline, a carriage return or NUL; a run of different ones ends one line, and NUL ends the run:
 * read_line_full() in src/basic/fileio.c.
 */
function* physicalLines(text: Buffer): Generator<{ from: number; to: number; number: number }> {
  let number = 0;
  for (let at = 0; at < text.length; ) {
    const from = at;
    while (at < text.length && !isEnd(text[at])) at++;
    const to = at;
    const seen = new Set<number | undefined>();
    while (at < text.length && isEnd(text[at]) && !seen.has(text[at]) && !seen.has(nul)) seen.add(text[at++]);
    number++;
    yield { from, to, number };
  }
}

function isEnd(byte: number | undefined): boolean {
  return byte === newline || byte === carriageReturn || byte === nul;
}

/** Whether the last backslash of a line is not itself escaped. */
function goesOn(bytes: string): boolean {
  let count = 0;
  while (count < bytes.length && bytes.charCodeAt(bytes.length - 1 - count) === backslash) count++;
  return count % 2 === 1;
}

/** Blanks of systemd only: JavaScript's trim() takes no-break spaces too, which may be part of a path. */
function strip(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d && code !== 0x0b && code !== 0x0c);
}

/** systemd takes no code point that Unicode reserves for no character: unichar_is_valid() in src/basic/utf8.c. */
export function isValid(text: string): boolean {
  return !hasLoneByte(text) && !/\p{Noncharacter_Code_Point}/u.test(text);
}

/** string_is_safe() in src/basic/string-util.c. */
function isSafe(name: string): boolean {
  for (let at = 0; at < name.length; at++) {
    const code = name.charCodeAt(at);
    if (code < 0x20 || code === 0x7f || code === 0x22 || code === 0x27 || code === backslash) return false;
  }
  return true;
}
