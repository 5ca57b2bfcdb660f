import { isExpressible } from '../directives/path-needs.ts';

/**
 * How a text that a traced program chose is written where it goes: into a path list of a unit file, into a comment, onto a
 * terminal. What goes in is path text; what comes out holds no byte that means anything else there.
 */

/**
 * One word of a path list (ReadWritePaths= and its kin), with its `-` in front if it has one. The list is split at white space,
 * knows quotes, takes the character behind a backslash as it is, and expands `%`: none of C's escapes exist here.
 * https://github.com/systemd/systemd/blob/v252/src/basic/extract-word.c, systemd.unit(5), "Specifiers".
 *
 * Throws for what no quoting expresses (`isExpressible`): such paths never get here.
 */
export function pathWord(path: string): string {
  return quotePath(path, /^-?\/[A-Za-z0-9_@.,+:=/-]*$/);
}

/**
 * A word of BindPaths= and its kin (src/paths/bind-word.ts): its own backslashes say already which colons are part of a name.
 * Between quotes a colon parts nothing, so each part has its own.
 */
export function bindWord(word: string): string {
  checkExpressible(word);
  const parts = word.match(/(?:[^:\\]|\\.)+/gsu) ?? [];
  return parts.map(bindPart).join(':');
}

function bindPart(part: string): string {
  const text = part.replaceAll('%', '%%');
  return /^[A-Za-z0-9_@.,+=/:\\-]*$/.test(part) ? text : `"${text.replaceAll('"', '\\"')}"`;
}

function quotePath(path: string, plain: RegExp): string {
  checkExpressible(path);
  if (plain.test(path)) return path;
  return `"${path.replace(/["\\]/g, '\\$&').replaceAll('%', '%%')}"`;
}

function checkExpressible(word: string): void {
  if (!isExpressible(word)) throw new Error(`The path ${visible(word)} can't be written in a unit file.`);
}

/**
 * A text for people: in a comment of a unit file or on a terminal. Control characters (also C1 and those that turn the writing
 * direction or hide), lone bytes and backslashes are written as `\xNN` or `\u{NNNN}`, so one line stays one line, and nothing
 * reaches a terminal that it would obey.
 */
export function visible(text: string): string {
  return text.replace(/[\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\ud800-\udfff]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (character === '\\') return '\\\\';
    if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** `visible`, shortened to at most `most` characters. */
export function brief(text: string, most = 120): string {
  const shown = visible(text);
  return shown.length <= most ? shown : `${shown.slice(0, most - 1)}…`;
}
