import { bytesOfText, textOfBytes } from '../paths/byte-text.ts';
import { expandSpecifiers } from './unit-specifiers.ts';
import type { UnitLine } from './unit-text.ts';

/** One command of an Exec…= line. */
export interface ExecCommand {
  /** `ExecStartPre` */
  key: string;
  /** What stands before the program, in the order in which it stands there: `-@:+!|`. With `+` no sandbox holds. */
  prefix: string;
  /** The program: a path, or a name that systemd looks up. */
  program: string;
  /** What follows it; with `@` the first is what the program is told as its own name. */
  words: string[];
}

/** In the order in which systemd runs them. */
export const execKeys: readonly string[] = [
  'ExecCondition',
  'ExecStartPre',
  'ExecStart',
  'ExecStartPost',
  'ExecReload',
  'ExecReloadPost',
  'ExecStop',
  'ExecStopPost',
];

const blank = /[ \t\n\r]/;

/**
 * The commands of a service, in the order of its lines; an empty assignment takes back what its key had before it.
 * config_parse_exec() in src/core/load-fragment.c. Variables (`$NAME`) stay as they are, and so does a word with a specifier that
 * we cannot expand. Nothing is run or looked up; it never throws.
 * @param unit the unit's name, for specifiers
 * @see https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html#Command%20lines
 */
export function execCommands(lines: readonly UnitLine[], unit?: string): ExecCommand[] {
  const commands = new Map<string, ExecCommand[]>();
  for (const { section, key, text } of lines) {
    if (section !== 'Service' || !execKeys.includes(key)) continue;
    const known = text === '' ? [] : (commands.get(key) ?? []);
    for (const [first = '', ...words] of commandLines(text)) {
      const prefix = /^[-@:+!|]*/.exec(first)?.[0] ?? '';
      const [program = '', ...rest] = [first.slice(prefix.length), ...words].map(
        (word) => expandSpecifiers(word, unit) ?? word,
      );
      if (program !== '') known.push({ key, prefix, program, words: rest });
    }
    commands.set(key, known);
  }
  return [...commands.values()].flat();
}

function commandLines(text: string): string[][] {
  return writtenCommands(text).map((line) => line.map(({ raw, word }) => (raw === '\\;' ? ';' : word)));
}

/**
 * The commands of one Exec…= line: each word as it is written, and what quotes and escapes make of it (specifiers and variables
 * stay). A semicolon that stands alone begins the next command; `\;` is the word `;`.
 */
export function writtenCommands(text: string): { raw: string; word: string }[][] {
  const lines: { raw: string; word: string }[][] = [[]];
  for (const word of wordsWithEscapes(text)) {
    if (word.raw === ';') lines.push([]);
    else lines[lines.length - 1]?.push(word);
  }
  return lines.filter((line) => line.length > 0);
}

/** Words as extract_first_word() cuts them with EXTRACT_UNQUOTE and EXTRACT_CUNESCAPE; what follows an open quote is lost. */
function* wordsWithEscapes(text: string): Generator<{ raw: string; word: string }> {
  for (let at = 0; at < text.length; ) {
    if (blank.test(text.charAt(at))) {
      at++;
      continue;
    }
    const from = at;
    const parts: string[] = [];
    let quote = '';
    for (; at < text.length && (quote !== '' || !blank.test(text.charAt(at))); ) {
      const character = text.charAt(at);
      if (character === '\\') {
        const escaped = escapeAt(text, at + 1);
        parts.push(escaped.text);
        at = escaped.end;
        continue;
      }
      if (quote === '' ? character === '"' || character === "'" : character === quote) {
        quote = quote === '' ? character : '';
      } else parts.push(character);
      at++;
    }
    if (quote !== '') return;
    // Bytes that were escaped one by one may make a character together.
    const word = textOfBytes(bytesOfText(parts.join('')).toString('latin1'));
    yield { raw: text.slice(from, at), word };
  }
}

const simple: ReadonlyMap<string, string> = new Map(
  Object.entries({ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', s: ' ' }),
);

/** cunescape_one() in src/basic/escape.c. A sequence that it does not know stays as it is written. */
function escapeAt(text: string, at: number): { text: string; end: number } {
  const letter = text.charAt(at);
  if (letter === '\\' || letter === '"' || letter === "'") return { text: letter, end: at + 1 };
  const known = simple.get(letter);
  if (known !== undefined) return { text: known, end: at + 1 };
  const found = /^(?:x([0-9A-Fa-f]{2})|([0-3][0-7]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))/.exec(
    text.slice(at, at + 9),
  );
  const [all = '', hex, octal, short, long] = found ?? [];
  const code =
    octal === undefined ? Number.parseInt(hex ?? short ?? long ?? '0', 16) : Number.parseInt(octal, 8);
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
    return { text: `\\${letter}`, end: at + 1 };
  }
  const isByte = hex !== undefined || octal !== undefined;
  const meant = isByte ? textOfBytes(String.fromCharCode(code)) : String.fromCodePoint(code);
  return { text: meant, end: at + all.length };
}
