/**
 * strace's string escapes, the same in literals, annotations and process names:
 * https://github.com/strace/strace/blob/master/src/util.c (string_quote)
 */

const simple: Record<string, string> = {
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  a: '\x07',
  b: '\b',
  e: '\x1b',
};
/** Up to three octal digits; two of hexadecimal; any other escaped character stands for itself. */
const escapes = /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|([\s\S]))/g;

/** A stretch of a longer text is kept by the engine together with all of that text: copy it out of long lines. */
const keepWhole = 2048;

/** The byte string that the text from `from` to `to` stands for. */
export function decodeEscapes(text: string, from: number, to: number): string {
  const raw = text.slice(from, to);
  if (!raw.includes('\\'))
    return text.length > keepWhole ? Buffer.from(raw, 'latin1').toString('latin1') : raw;
  return raw.replace(escapes, (_, octal?: string, hex?: string, other?: string) => {
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 255);
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    return other === undefined ? '' : (simple[other] ?? other);
  });
}
