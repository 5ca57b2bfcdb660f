import { decodeEscapes } from './escapes.ts';

/** What stands in the angle brackets behind a descriptor: `3</dev/null<char 1:3>>(deleted)`. */
export interface Annotation {
  /** A byte string, without the device and without ` (deleted)`. */
  info: string;
  /** `char 1:3`, `block 7:0`, `char 5:2 @/dev/pts/0`: only of a device, under `-yy`. */
  device: string | undefined;
  deleted: boolean;
  /** Behind all of it, the `(deleted)` too. */
  end: number;
}

const mark = '(deleted)';

/**
 * Reads the annotation between `<` at `open` and its `>` at `close`. strace wrote `(deleted)` inside before 5.19, and still
 * does for AT_FDCWD, so a file whose name ends in it cannot be told apart there.
 */
export function readAnnotation(text: string, open: number, close: number): Annotation {
  let to = close;
  let device: string | undefined;
  if (text.charCodeAt(close - 1) === 62 && text.charCodeAt(open + 1) === 47) {
    const inner = text.lastIndexOf('<', close);
    if (inner > open) {
      device = decodeEscapes(text, inner + 1, close - 1);
      to = inner;
    }
  }
  const outside = text.startsWith(mark, close + 1);
  let info = decodeEscapes(text, open + 1, to);
  const inside = !outside && info.endsWith(` ${mark}`);
  if (inside) info = info.slice(0, -mark.length - 1);
  return { info, device, deleted: outside || inside, end: close + 1 + (outside ? mark.length : 0) };
}
