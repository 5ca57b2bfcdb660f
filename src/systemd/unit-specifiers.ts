import { textOfBytes } from '../paths/byte-text.ts';

/** The directories of the system manager; its own user is root, whatever User= says. */
const fixed: ReadonlyMap<string, string> = new Map([
  ['t', '/run'],
  ['S', '/var/lib'],
  ['C', '/var/cache'],
  ['L', '/var/log'],
  ['E', '/etc'],
  ['T', '/tmp'],
  ['V', '/var/tmp'],
  ['h', '/root'],
  ['u', 'root'],
  ['U', '0'],
  ['g', 'root'],
  ['G', '0'],
]);

/**
 * Expands the specifiers of a word: https://www.freedesktop.org/software/systemd/man/latest/systemd.unit.html#Specifiers
 * Only letters and figures can follow the `%` of a specifier; before anything else it stands for itself.
 * @param unit the unit's name, for `%n`, `%i` and their like
 * @returns undefined where systemd knows no such specifier, or where it says what we cannot know from here.
 */
export function expandSpecifiers(word: string, unit?: string): string | undefined {
  if (!word.includes('%')) return word;
  const parts: string[] = [];
  let from = 0;
  for (let at = word.indexOf('%'); at >= 0; at = word.indexOf('%', from)) {
    parts.push(word.slice(from, at));
    const letter = word.charAt(at + 1);
    from = at + 2;
    if (letter === '%' || letter === '') parts.push('%');
    else if (!/^[A-Za-z0-9]$/.test(letter)) parts.push(`%${letter}`);
    else {
      const value = fixed.get(letter) ?? (unit === undefined ? undefined : ofUnit(letter, unit));
      if (value === undefined) return undefined;
      parts.push(value);
    }
  }
  parts.push(word.slice(from));
  return parts.join('');
}

/** What a specifier says of a unit's name: unit_name_printf() in src/core/unit-printf.c. */
function ofUnit(letter: string, unit: string): string | undefined {
  const bare = unit.slice(0, Math.max(0, unit.lastIndexOf('.')));
  const at = bare.indexOf('@');
  const prefix = at < 0 ? bare : bare.slice(0, at);
  const instance = at < 0 ? '' : bare.slice(at + 1);
  const last = prefix.slice(prefix.lastIndexOf('-') + 1);
  switch (letter) {
    case 'n':
      return unit;
    case 'N':
      return bare;
    case 'p':
      return prefix;
    case 'P':
      return unescapeName(prefix);
    case 'i':
      return instance;
    case 'I':
      return unescapeName(instance);
    case 'j':
      return last;
    case 'J':
      return unescapeName(last);
    case 'f':
      return pathOfName(at < 0 ? prefix : instance);
    case 'd':
      return `/run/credentials/${unit}`;
    default:
      return undefined;
  }
}

/** The path that a name is the escaped form of; the root directory is `-`. */
function pathOfName(name: string): string {
  return name === '-' ? '/' : `/${unescapeName(name)}`;
}

/** `-` is a slash, `\x2d` a byte: https://www.freedesktop.org/software/systemd/man/latest/systemd-escape.html */
function unescapeName(name: string): string {
  const bytes = Buffer.from(name, 'utf8').toString('latin1');
  return textOfBytes(
    bytes.replace(/-|\\x([0-9A-Fa-f]{2})/g, (_escape, hex: string | undefined) =>
      hex === undefined ? '/' : String.fromCharCode(Number.parseInt(hex, 16)),
    ),
  );
}
