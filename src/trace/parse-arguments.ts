import { readAnnotation } from './annotation.ts';
import { decodeEscapes } from './escapes.ts';
import type { StructValue, Value } from './event.ts';
import { annotationEnd, bracketEnd, characterEnd, opensAnnotation, stringEnd } from './scan-arguments.ts';

/**
 * The arguments of a call, from the text between its parentheses. Never throws: what follows no rule becomes text.
 * With `partial` the text is that of a call which was interrupted, and may end behind a comma.
 */
export function parseArguments(text: string, partial = false): Value[] {
  if (text.trim() === '') return [];
  const cursor: Cursor = { text, at: 0, depth: 0, unclosed: false };
  const args: Value[] = [];
  for (;;) {
    skipName(cursor);
    args.push(readValue(cursor));
    if (!toNextItem(cursor)) break;
  }
  const last = args.at(-1);
  if (partial && last?.kind === 'text' && last.text === '') args.pop();
  return args;
}

/** The struct in the text, as behind the name of a signal; undefined where there is none. */
export function parseStruct(text: string): StructValue | undefined {
  const value = readValue({ text, at: 0, depth: 0, unclosed: false });
  return value.kind === 'struct' ? value : undefined;
}

interface Cursor {
  text: string;
  at: number;
  depth: number;
  /** An annotation did not close: none is looked for any more, so that each text is passed over once. */
  unclosed: boolean;
}

/** Deeper nesting is kept as text; strace itself goes six or seven levels deep. */
const deepest = 48;

const space = 32;
const comma = 44;
const identifier = /[A-Za-z_][A-Za-z0-9_.]*/y;
/** The sets of strace: `[INT RT_2]`, `[3 4]`. */
const set = /^[A-Z0-9_]+(?: [A-Z0-9_]+)+$/;

function readValue(cursor: Cursor): Value {
  skipBlank(cursor);
  let value = readOne(cursor);
  skipBlank(cursor);
  const arrow = arrowLength(cursor.text, cursor.at);
  if (arrow > 0) {
    cursor.at += arrow;
    skipBlank(cursor);
    value = { kind: 'change', before: value, after: readOne(cursor) };
    skipBlank(cursor);
  }
  return value;
}

function readOne(cursor: Cursor): Value {
  const { text, at } = cursor;
  switch (text.charCodeAt(at)) {
    case 34:
      return readString(cursor, at, false);
    case 64:
      if (text.charCodeAt(at + 1) === 34) return readString(cursor, at + 1, true);
      break;
    case 123:
      if (cursor.depth < deepest) return readStruct(cursor);
      break;
    case 91:
      if (cursor.depth < deepest) return readArray(cursor);
      break;
  }
  return readText(cursor);
}

function readString(cursor: Cursor, quote: number, abstract: boolean): Value {
  const { text } = cursor;
  const close = stringEnd(text, quote);
  const end = close < 0 ? text.length : close;
  const dots = text.startsWith('...', end + 1);
  cursor.at = Math.min(text.length, end + (dots ? 4 : 1));
  return { kind: 'string', bytes: decodeEscapes(text, quote + 1, end), cut: dots || close < 0, abstract };
}

function readStruct(cursor: Cursor): Value {
  const fields: StructValue['fields'] = [];
  const cut = readItems(cursor, () => {
    const name = skipName(cursor);
    fields.push({ name, value: readValue(cursor) });
  });
  return { kind: 'struct', fields, cut };
}

function readArray(cursor: Cursor): Value {
  const items: Value[] = [];
  const cut = readItems(cursor, () => {
    skipIndex(cursor);
    items.push(readValue(cursor));
  });
  const only = items[0];
  if (items.length === 1 && only?.kind === 'text' && set.test(only.text))
    return { kind: 'text', text: `[${only.text}]` };
  return { kind: 'array', items, cut };
}

/** Reads what stands between two brackets; tells whether `...` ended it. */
function readItems(cursor: Cursor, readItem: () => void): boolean {
  cursor.at++;
  cursor.depth++;
  let cut = false;
  for (;;) {
    skipBlank(cursor);
    const c = cursor.text.charCodeAt(cursor.at);
    if (Number.isNaN(c) || isCloser(c)) break;
    if (cursor.text.startsWith('...', cursor.at)) {
      cut = true;
      cursor.at += 3;
    } else if (c !== comma) {
      readItem();
    }
    skipBlank(cursor);
    // Sets of descriptors have spaces between them: `[3<pipe:[1]> 4<pipe:[2]>]`.
    if (cursor.text.charCodeAt(cursor.at) === comma) cursor.at++;
  }
  if (cursor.at < cursor.text.length) cursor.at++;
  cursor.depth--;
  return cut;
}

/**
 * A number, constants, flags, a call, a descriptor with its annotation. Goes at least one character ahead, or stands at a
 * comma, a closing bracket or the end.
 */
function readText(cursor: Cursor): Value {
  const { text } = cursor;
  const from = cursor.at;
  let at = from;
  let before = '';
  let begin = from;
  let paren = -1;
  let parens = 0;
  for (; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === comma || isCloser(c)) break;
    if (c === space && arrowLength(text, at + 1) > 0) break;
    if (c === space && text.startsWith('/*', at + 1)) {
      // `-X verbose` has comments between flags: `0x1200000 /* CLONE_… */|17 /* SIGCHLD */`.
      const end = text.indexOf('*/', at + 3);
      if (end < 0 || text.charCodeAt(end + 2) !== 124) break;
      before += text.slice(begin, at);
      begin = end + 2;
      at = begin;
      continue;
    }
    if (c === 45 && text.charCodeAt(at + 1) === 62 && at > from) break;
    if (c === 40 || c === 91 || c === 123) {
      if (c === 40 && parens++ === 0) paren = at;
      const end = bracketEnd(text, at + 1);
      if (end < 0) {
        at = text.length;
        break;
      }
      at = end;
    } else if (c === 34) {
      const end = stringEnd(text, at);
      at = end < 0 ? text.length : end;
    } else if (c === 39) {
      at = characterEnd(text, at);
    } else if (c === 60 && !cursor.unclosed && opensAnnotation(text, at)) {
      const end = annotationEnd(text, at);
      if (end < 0) {
        cursor.unclosed = true;
        continue;
      }
      const annotation = readAnnotation(text, at, end);
      cursor.at = annotation.end;
      const { info, deleted, device } = annotation;
      const fd = { kind: 'fd' as const, text: before + text.slice(begin, at), info, deleted };
      return device === undefined ? fd : { ...fd, device };
    }
  }
  cursor.at = Math.min(at, text.length);
  if (cursor.at === from && cursor.depth === 0 && isCloser(text.charCodeAt(from))) cursor.at++;
  const whole = before + text.slice(begin, cursor.at).trimEnd();
  if (
    before === '' &&
    parens === 1 &&
    from + whole.length === at &&
    whole.endsWith(')') &&
    cursor.depth < deepest
  ) {
    const name = text.slice(from, paren);
    if (/^[A-Za-z_]\w*$/.test(name))
      return readCall(name, text.slice(paren + 1, from + whole.length - 1), cursor.depth);
  }
  return { kind: 'text', text: whole };
}

function readCall(name: string, inside: string, depth: number): Value {
  const cursor: Cursor = { text: inside, at: 0, depth: depth + 1, unclosed: false };
  const args: Value[] = [];
  while (cursor.at < inside.length) {
    args.push(readValue(cursor));
    if (!toNextItem(cursor)) break;
  }
  return { kind: 'call', name, args };
}

/** Goes behind the comma that follows a value; text that follows no rule is skipped up to there. False at the end. */
function toNextItem(cursor: Cursor): boolean {
  const { text } = cursor;
  while (cursor.at < text.length && text.charCodeAt(cursor.at) !== comma) cursor.at++;
  if (cursor.at >= text.length) return false;
  cursor.at++;
  return true;
}

/** Goes behind `name=`, and returns the name; `''` where none stands. */
function skipName(cursor: Cursor): string {
  skipBlank(cursor);
  identifier.lastIndex = cursor.at;
  const name = identifier.exec(cursor.text)?.[0];
  if (name === undefined) return '';
  const end = cursor.at + name.length;
  const after = cursor.text.charCodeAt(end + 1);
  if (cursor.text.charCodeAt(end) !== 61 || after === 61 || after === 62) return '';
  cursor.at = end + 1;
  return name;
}

/** Goes behind the index of `[BR_MCAST_DIR_RX]=0`. */
function skipIndex(cursor: Cursor): void {
  const { text, at } = cursor;
  if (text.charCodeAt(at) !== 91) return;
  const limit = Math.min(text.length, at + 80);
  for (let i = at + 1; i < limit; i++) {
    const c = text.charCodeAt(i);
    if (c === 93) {
      if (text.charCodeAt(i + 1) === 61) cursor.at = i + 2;
      return;
    }
    if (c === 91 || c === 34 || c === comma) return;
  }
}

function skipBlank(cursor: Cursor): void {
  const { text } = cursor;
  for (;;) {
    while (text.charCodeAt(cursor.at) === space) cursor.at++;
    if (text.charCodeAt(cursor.at) !== 47 || text.charCodeAt(cursor.at + 1) !== 42) return;
    const end = text.indexOf('*/', cursor.at + 2);
    cursor.at = end < 0 ? text.length : end + 2;
  }
}

function arrowLength(text: string, at: number): number {
  const c = text.charCodeAt(at);
  return (c === 61 || c === 45) && text.charCodeAt(at + 1) === 62 ? 2 : 0;
}

function isCloser(c: number): boolean {
  return c === 41 || c === 93 || c === 125;
}
