/** What others put on a line of a trace: colours, carriage returns, and the prefixes of programs that carried it. */

const escapeByte = String.fromCharCode(27);
const colour = new RegExp(`${escapeByte}\\[[0-9;:]*[mK]`, 'g');

/** The line as strace wrote it. strace escapes what the program wrote, so a real ESC byte is never data. */
export function cleanLine(line: string): string {
  let end = line.length;
  while (line.charCodeAt(end - 1) === 13) end--;
  const text = end === line.length ? line : line.slice(0, end);
  return text.includes(escapeByte) ? text.replace(colour, '') : text;
}

/** `Nov 22 10:11:12 host strace[7]: `, `2026-11-22T10:11:12.5Z `, `web-1  | `, `log.txt:12:`: what journalctl, docker and grep add. */
const carriers = [
  /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,9})? [^\s:]{1,255} [^\s:]{1,64}: /,
  /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)? (?:[^\s:]{1,255} [^\s:]{1,64}: )?/,
  /^[\w.-]{1,64} {0,20}\| /,
  /^[\w./+-]{1,255}[:-]\d{1,9}[:-]/,
];

/** The line without the prefix of a program that carried it; undefined where it has none. */
export function withoutForeignPrefix(line: string): string | undefined {
  for (const carrier of carriers) {
    const found = carrier.exec(line);
    if (found !== null) return line.slice(found[0].length);
  }
  return undefined;
}
