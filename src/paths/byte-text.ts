/**
 * A path is bytes without NUL; nothing says that they are UTF-8. In a profile (JSON) a path is text: valid UTF-8 as itself,
 * each other byte as one lone surrogate U+DC80 to U+DCFF, so that every path can be written down and read back without loss.
 * The same mapping serves Python's file names: https://peps.python.org/pep-0383/
 */

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of a byte string (a character a byte, as src/trace/ yields them). Never throws. */
export function textOfBytes(bytes: string): string {
  if (isAscii(bytes)) return bytes;
  const buffer = Buffer.from(bytes, 'latin1');
  try {
    return utf8.decode(buffer);
  } catch {
    return textOfInvalid(buffer);
  }
}

/** The bytes of a text made by `textOfBytes`: what a system call takes. */
export function bytesOfText(text: string): Buffer {
  if (!hasLoneByte(text)) return Buffer.from(text, 'utf8');
  const parts: Buffer[] = [];
  for (const part of text.split(/([\udc80-\udcff])/u)) {
    const code = part.length === 1 ? part.charCodeAt(0) : 0;
    parts.push(code >= 0xdc80 && code <= 0xdcff ? Buffer.from([code - 0xdc00]) : Buffer.from(part, 'utf8'));
  }
  return Buffer.concat(parts);
}

/** Whether a text stands for bytes that are not valid UTF-8 (which no unit file can hold). */
export function hasLoneByte(text: string): boolean {
  return /[\udc80-\udcff]/u.test(text);
}

function isAscii(bytes: string): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes.charCodeAt(i) > 127) return false;
  return true;
}

/** Takes the longest valid sequence at each place, else one byte as a surrogate. */
function textOfInvalid(buffer: Buffer): string {
  let text = '';
  for (let at = 0; at < buffer.length; ) {
    const size = sequenceLength(buffer[at] as number);
    let decoded: string | undefined;
    if (size > 0 && at + size <= buffer.length) {
      try {
        decoded = utf8.decode(buffer.subarray(at, at + size));
      } catch {
        decoded = undefined;
      }
    }
    text += decoded ?? String.fromCharCode(0xdc00 + (buffer[at] as number));
    at += decoded === undefined ? 1 : size;
  }
  return text;
}

function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 0;
}
