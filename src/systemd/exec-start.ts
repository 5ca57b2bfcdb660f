import { isAbsolute } from 'node:path';

/**
 * Writes a command as the value of `ExecStart=`. Words are path text: valid UTF-8 as itself, each other byte as one lone
 * surrogate (see paths/byte-text); systemd gives the same bytes to the program.
 * Only Exec*= and Environment= read C escapes; path settings do not: this is not their escaper.
 * @param argv the words, the program's name first
 * @param program the file to run, where that is not `argv[0]`
 * @throws when the program's name cannot be written in a unit (quotes, backslashes, control or non-UTF-8 bytes in it).
 * @see https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html#Command%20lines
 */
export function execStart(argv: readonly string[], program: string | undefined = argv[0]): string {
  if (program === undefined || program === '')
    throw new Error('A unit needs a command: the list of its words is empty.');
  checkProgram(program);
  const [name = program, ...rest] = argv;
  // Variables ($) are expanded in argv[0] but not in the file's name, so a name with $ in it is written twice.
  const words = name === program && !program.includes('$') ? [] : [quoteWord(name)];
  const file = /\s/.test(program) ? `"${escapePercent(program)}"` : escapePercent(program);
  // The prefix stands before the quotes or inside; inside works in every version.
  const first = words.length === 0 ? file : file.startsWith('"') ? `"@${file.slice(1)}` : `@${file}`;
  return [first, ...words, ...rest.map(quoteWord)].join(' ');
}

/** A unit that starts a command, and nothing else. `lines` go below it into [Service]. */
export function minimalUnit(argv: readonly string[], lines: readonly string[] = []): string {
  return ['[Service]', `ExecStart=${execStart(argv)}`, ...lines, ''].join('\n');
}

/** systemd refuses these in the name of an executable: string_is_safe() in src/basic/string-util.c. */
function checkProgram(program: string): void {
  if (/[\p{Cc}\p{Cs}"'\\]/u.test(program)) {
    throw new Error(
      `The program ${JSON.stringify(program)} cannot be named in a unit: link it to a plain name.`,
    );
  }
  if (!isAbsolute(program) && /^[-@:+!|]/.test(program)) {
    throw new Error(`The program ${JSON.stringify(program)} cannot be named in a unit: give its full path.`);
  }
}

/** One word of the command, always in quotes unless it is plainly harmless. */
function quoteWord(word: string): string {
  if (/^[\w/.,:=+@-]+$/.test(word)) return word;
  let quoted = '"';
  for (const character of word) quoted += escapeCharacter(character);
  return `${quoted}"`;
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === '"' || character === '\\') return `\\${character}`;
  if (character === '%') return '%%';
  if (character === '$') return '$$';
  if (code < 0x20 || code === 0x7f) return hexEscape(code);
  // A lone surrogate U+DC80 to U+DCFF stands for the byte 0x80 to 0xff.
  if (code >= 0xdc80 && code <= 0xdcff) return hexEscape(code - 0xdc00);
  return character;
}

function hexEscape(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}

function escapePercent(text: string): string {
  return text.replaceAll('%', '%%');
}
