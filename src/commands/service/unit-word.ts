/**
 * A word of an Exec…= line that means itself: `$` and `%` are doubled, and what a quote or backslash would change is escaped.
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html#Command%20lines
 */
export function literalWord(word: string): string {
  return quoted(word.replaceAll('$', '$$$$').replaceAll('%', '%%'));
}

/** The same for a word in which variables are already as they should be and specifiers (`%i`) still count. */
export function quoted(word: string): string {
  if (/^[\w@%+=:,./${}-]+$/.test(word)) return word;
  return `"${word.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`;
}
