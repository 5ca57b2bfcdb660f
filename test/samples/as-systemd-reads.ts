/**
 * Reads a drop-in the way systemd does, written from its sources and from what `systemd-analyze verify` says, and not from what we
 * write: src/shared/conf-parser.c, src/basic/fileio.c (read_line_full), src/basic/extract-word.c, src/shared/specifier.c.
 */
export interface ReadAssignment {
  key: string;
  words: string[];
}

const blank = ' \t\n\r';

/** The assignments of [Service]. Throws where systemd would complain. */
export function readDropIn(bytes: Buffer): ReadAssignment[] {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  if (/\p{Noncharacter_Code_Point}/u.test(text)) throw new Error('not UTF-8 clean');
  const assignments: ReadAssignment[] = [];
  let section = '';
  let before = '';
  for (const part of text.split(/[\n\r\0]/)) {
    if (/^[ \t]*[#;]/.test(part)) continue;
    const line = before + part;
    before = '';
    if (/(?<!\\)(?:\\\\)*\\$/.test(line)) {
      before = `${line.slice(0, -1)} `;
      continue;
    }
    const stripped = line.replace(/^[ \t]+|[ \t]+$/g, '');
    if (stripped === '') continue;
    if (stripped.startsWith('[')) {
      if (!stripped.endsWith(']')) throw new Error(`no section: ${stripped}`);
      section = stripped;
      continue;
    }
    const sign = stripped.indexOf('=');
    if (section !== '[Service]' || sign < 1) throw new Error(`ignored: ${JSON.stringify(stripped)}`);
    const key = stripped.slice(0, sign).trimEnd();
    assignments.push({ key, words: wordsOf(key, stripped.slice(sign + 1).trim()) });
  }
  return assignments;
}

const pathLists = new Set([
  'ReadWritePaths',
  'ReadOnlyPaths',
  'InaccessiblePaths',
  'ExecPaths',
  'NoExecPaths',
]);
const bindLists = new Set(['BindPaths', 'BindReadOnlyPaths']);

function wordsOf(key: string, value: string): string[] {
  if (pathLists.has(key)) return split(value, blank).map(expand);
  if (!bindLists.has(key)) return value === '' ? [] : value.split(/[ \t]+/);
  // A colon that is neither quoted nor escaped parts source, destination and options.
  return split(value, blank, ':').map(expand);
}

/** Stands between the parts of a word: no path has it. */
const partition = '\0';

/** extract_first_word with EXTRACT_UNQUOTE and no unescaping: a backslash makes the next character an ordinary one. */
function split(value: string, separators: string, parts = ''): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  const characters = [...value];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? '';
    if (character === '\\') {
      const next = characters[++at];
      if (next === undefined) throw new Error('a backslash at the end');
      word = (word ?? '') + next;
    } else if (quote !== '') {
      if (character === quote) quote = '';
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (separators.includes(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + (parts.includes(character) ? partition : character);
  }
  if (quote !== '') throw new Error(`an unbalanced quote: ${value}`);
  return word === undefined ? words : [...words, word];
}

/** No specifier is ever meant: `%%` is a percent sign, any other is somebody's else. */
function expand(word: string): string {
  return word.replace(/%(.?)/gs, (all, letter) => {
    if (letter !== '%') throw new Error(`a specifier: ${all}`);
    return '%';
  });
}
