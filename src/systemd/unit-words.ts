import { expandSpecifiers } from './unit-specifiers.ts';
import { isValid } from './unit-text.ts';

/**
 * How a setting's value is cut:
 * - `paths`: ReadWritePaths= and its kin. Words come out as `-+/path`, either prefix only where it was there.
 * - `binds`: BindPaths= and BindReadOnlyPaths=. Words come out in one form, which `bindOf` reads.
 * - `tmpfs`: TemporaryFileSystem=. `path:options`, the path as in `binds`.
 * - `plain`: at white space, with quotes; specifiers stay as they are.
 */
export type WordStyle = 'paths' | 'binds' | 'tmpfs' | 'plain';

/** One word of BindPaths= or BindReadOnlyPaths=. */
export interface Bind {
  source: string;
  destination: string;
  /** `-`: no error where the source is missing. */
  optional: boolean;
  /** `rbind`, which is what systemd does where nothing is said. */
  recursive: boolean;
}

export interface Words {
  words: string[];
  /** Why a word is ignored, one sentence each, without the place in a file. */
  warnings: string[];
}

/** NAME_MAX and PATH_MAX of the kernel (include/uapi/linux/limits.h). */
const longestName = 255;
const longestPath = 4096;

const blanks = ' \t\n\r';

/**
 * Cuts a value into words as systemd does for that kind of setting, and drops what systemd would drop: config_parse_namespace_path_strv()
 * and config_parse_bind_paths() in src/core/load-fragment.c, extract_first_word() in src/basic/extract-word.c.
 * There are no C escapes in these settings: a backslash takes the next character as it is. Never throws.
 * @param unit the unit's name, which specifiers such as `%i` need
 * @see https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#ReadWritePaths=
 */
export function wordsOf(text: string, style: WordStyle, { unit }: { unit?: string } = {}): Words {
  if (style === 'binds') return bindWords(text, unit);
  if (style === 'tmpfs') return tmpfsWords(text, unit);
  const result: Words = { words: [], warnings: [] };
  const cutter = new Cutter(text, result.warnings);
  for (let word = cutter.next(); word !== undefined; word = cutter.next()) {
    const kept = style === 'plain' ? word : pathWord(word, result.warnings, unit);
    if (kept !== undefined) result.words.push(kept);
  }
  return result;
}

/** Reads a word of `wordsOf(…, 'binds')`: `-source:destination:norbind`, with `\:` and `\\` for themselves in the paths. */
export function bindOf(word: string): Bind {
  const optional = word.startsWith('-');
  const parts = [''];
  for (let at = optional ? 1 : 0; at < word.length; at++) {
    if (word[at] === ':') parts.push('');
    else {
      if (word[at] === '\\') at++;
      parts[parts.length - 1] += word[at] ?? '';
    }
  }
  const [source = '', destination = source, options = 'rbind'] = parts;
  return { source, destination, optional, recursive: options !== 'norbind' };
}

function pathWord(word: string, warnings: string[], unit: string | undefined): string | undefined {
  const prefix = /^-?\+?/.exec(word)?.[0] ?? '';
  const path = expandedPath(word.slice(prefix.length), warnings, unit);
  return path === undefined ? undefined : prefix + path;
}

function bindWords(text: string, unit: string | undefined): Words {
  const result: Words = { words: [], warnings: [] };
  const { words, warnings } = result;
  const cutter = new Cutter(text, warnings);
  for (let word = cutter.part(); word !== undefined; word = cutter.part()) {
    // Between two blanks there is an empty word, which is dropped.
    if (word === '' && !cutter.colon) continue;
    const expanded = expand(word, warnings, unit);
    if (expanded === undefined) continue;
    const optional = expanded.startsWith('-');
    const source = plainPath(optional ? expanded.slice(1) : expanded, warnings);
    // What follows the colon of a word that is dropped is taken for a word of its own.
    if (source === undefined) continue;
    let destination: string | undefined = source;
    let options = '';
    if (cutter.colon) {
      const named = cutter.part();
      if (named === undefined) {
        if (!cutter.broken) warnings.push(`nothing follows the colon of ${shown(source)}: it is ignored.`);
        continue;
      }
      destination = expandedPath(named, warnings, unit);
      if (destination === undefined) continue;
      if (cutter.colon) options = cutter.next() ?? '';
      if (cutter.broken) break;
    }
    if (options !== '' && options !== 'rbind' && options !== 'norbind') {
      warnings.push(`${shown(options)} is neither rbind nor norbind: the word is ignored.`);
      continue;
    }
    words.push(bindWord({ source, destination, optional, recursive: options !== 'norbind' }));
  }
  return result;
}

/** The path, and behind a colon mount options as they stand: config_parse_temporary_filesystems(). */
function tmpfsWords(text: string, unit: string | undefined): Words {
  const result: Words = { words: [], warnings: [] };
  const cutter = new Cutter(text, result.warnings);
  for (let word = cutter.part(); word !== undefined; word = cutter.part()) {
    const options = cutter.colon ? (cutter.next() ?? '') : '';
    if (word === '' && options === '') continue;
    const path = expandedPath(word, result.warnings, unit);
    if (path === undefined) continue;
    const name = path.replace(/[\\:]/g, '\\$&');
    result.words.push(options === '' ? name : `${name}:${options}`);
  }
  return result;
}

function bindWord({ source, destination, optional, recursive }: Bind): string {
  const parts = [source, destination].map((path) => path.replace(/[\\:]/g, '\\$&'));
  if (!recursive) parts.push('norbind');
  else if (source === destination) parts.pop();
  return (optional ? '-' : '') + parts.join(':');
}

function expandedPath(word: string, warnings: string[], unit: string | undefined): string | undefined {
  const expanded = expand(word, warnings, unit);
  return expanded === undefined ? undefined : plainPath(expanded, warnings);
}

/** Here too a word is dropped that is too long for a path: unit_path_printf() in src/core/unit-printf.c. */
function expand(word: string, warnings: string[], unit: string | undefined): string | undefined {
  const expanded = expandSpecifiers(word, unit);
  if (expanded === undefined) {
    warnings.push(`${shown(word)} has a "%" that stands for nothing we know: it is ignored ("%%" is a "%").`);
  } else if (Buffer.byteLength(expanded) >= longestPath) {
    warnings.push(`${shown(word)} is too long for a path: it is ignored.`);
    return undefined;
  }
  return expanded;
}

/** A path without needless slashes and dots, where systemd takes it: path_simplify_and_warn() in src/shared/parse-helpers.c. */
function plainPath(path: string, warnings: string[]): string | undefined {
  const why = refusal(path);
  if (why === undefined) return `/${path.split('/').filter(isName).join('/')}`;
  warnings.push(`${shown(path)} ${why}: it is ignored.`);
  return undefined;
}

function refusal(path: string): string | undefined {
  if (!isValid(path)) return 'is not valid UTF-8';
  if (!path.startsWith('/')) return 'is not an absolute path';
  const parts = path.split('/').filter(isName);
  if (parts.includes('..')) return 'has a ".." in it';
  return parts.some((part) => Buffer.byteLength(part) > longestName)
    ? 'has a name that is too long'
    : undefined;
}

function isName(part: string): boolean {
  return part !== '' && part !== '.';
}

/** A hostile word is shown short, and with nothing in it that a terminal would obey. */
function shown(word: string): string {
  return JSON.stringify(word.length > 100 ? `${word.slice(0, 100)}…` : word).replace(/\p{C}/gu, '?');
}

/** Takes words off the front of a value: extract_first_word() with EXTRACT_UNQUOTE. */
class Cutter {
  readonly #text: string;
  readonly #warnings: string[];
  #at = 0;
  /** An unbalanced quote, or a backslash at the end, was met: the rest is lost. */
  broken = false;
  /** A colon ended the last part. */
  colon = false;

  constructor(text: string, warnings: string[]) {
    this.#text = text;
    this.#warnings = warnings;
  }

  /** The next word; undefined at the end, or where the rest cannot be cut. */
  next(): string | undefined {
    while (this.#at < this.#text.length && blanks.includes(this.#text.charAt(this.#at))) this.#at++;
    return this.#at < this.#text.length ? this.#cut(blanks) : undefined;
  }

  /** What stands before the next colon or blank: EXTRACT_DONT_COALESCE_SEPARATORS, so it may be empty. */
  part(): string | undefined {
    this.colon = false;
    return this.#at < this.#text.length ? this.#cut(`:${blanks}`) : undefined;
  }

  #cut(separators: string): string | undefined {
    const parts: string[] = [];
    let quote = '';
    let from = this.#at;
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text.charAt(this.#at);
      if (character === '\\') {
        if (this.#at + 1 === this.#text.length) return this.#giveUp('a backslash at the end');
        parts.push(this.#text.slice(from, this.#at));
        from = this.#at + 1;
        this.#at++;
      } else if (quote === '' ? character === '"' || character === "'" : character === quote) {
        parts.push(this.#text.slice(from, this.#at));
        from = this.#at + 1;
        quote = quote === '' ? character : '';
      } else if (quote === '' && separators.includes(character)) {
        parts.push(this.#text.slice(from, this.#at));
        this.#at++;
        this.colon = character === ':';
        return parts.join('');
      }
    }
    if (quote !== '') return this.#giveUp('a quote that is not closed');
    parts.push(this.#text.slice(from));
    return parts.join('');
  }

  #giveUp(what: string): undefined {
    this.#at = this.#text.length;
    this.broken = true;
    this.#warnings.push(`there is ${what}: this word and what follows it are ignored.`);
  }
}
