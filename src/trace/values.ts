import type { Value } from './event.ts';
import { constants } from './linux-constants.ts';
import { numberFrom } from './parse-result.ts';

/** The bytes of a string argument; undefined where strace could not read it and wrote an address. */
export function stringBytes(value: Value | undefined): string | undefined {
  return value?.kind === 'string' ? value.bytes : undefined;
}

/** `AT_FDCWD`: https://man7.org/linux/man-pages/man2/open.2.html */
export const currentDirectory = -100;

/** The number of a descriptor, `currentDirectory` for AT_FDCWD however it is written; undefined for what is none. */
export function fdNumber(value: Value | undefined): number | undefined {
  if (value?.kind === 'change') return fdNumber(value.after);
  if (value?.kind !== 'text' && value?.kind !== 'fd') return undefined;
  if (value.text === 'AT_FDCWD') return currentDirectory;
  const number = numberFrom(value.text);
  // `-e raw=` and `-X raw` write it as an unsigned int or long.
  return number !== undefined && number > 0x7fffffff ? Number(BigInt.asIntN(32, BigInt(value.text))) : number;
}

/** The absolute path that strace wrote behind a descriptor; undefined for pipes, sockets and the like. A byte string. */
export function fdPath(value: Value | undefined): string | undefined {
  return value?.kind === 'fd' && value.info.startsWith('/') ? value.info : undefined;
}

/** The flags of `O_RDWR|O_CLOEXEC`, as strace wrote them: names, and numbers where it knows no name. */
export function flagsOf(value: Value | undefined): Set<string> {
  if (value?.kind === 'change') return flagsOf(value.after);
  return value?.kind === 'text' && value.text !== '' ? new Set(value.text.split('|')) : new Set();
}

/**
 * Whether a flag or a constant is in a value that strace wrote by names or, under `-X raw`, `-e raw=` or for bits that it does
 * not know, as a number. By number only what `linux-constants.ts` knows is found.
 */
export function hasFlag(value: Value | undefined, name: string): boolean {
  const flags = flagsOf(value);
  if (flags.has(name)) return true;
  const constant = constants[name];
  if (constant === undefined) return false;
  // Among names a number holds only bits that have no name: an enumerated value is not to be found in there.
  const numbersOnly = [...flags].every((flag) => /^-?\d/.test(flag));
  for (const flag of flags) {
    if (!/^\d/.test(flag) || (!numbersOnly && constant.value !== constant.mask)) continue;
    const number = numberFrom(flag);
    if (number === undefined) continue;
    const bits = BigInt(Math.trunc(number));
    if ((bits & BigInt(constant.mask)) === BigInt(constant.value)) return true;
  }
  return false;
}

/** Decimal, hexadecimal, octal, `8192*1024`, and `makedev(0x8, 0x1)` as its major number × 2^20 + minor; undefined else. */
export function numberOf(value: Value | undefined): number | undefined {
  switch (value?.kind) {
    case 'text': {
      const factors = value.text.split('*').map(numberFrom);
      return factors.reduce((product, factor) =>
        product === undefined || factor === undefined ? undefined : product * factor,
      );
    }
    case 'fd':
      return numberFrom(value.text);
    case 'change':
      return numberOf(value.after);
    case 'call': {
      const [major, minor] = value.args.map(numberOf);
      if (value.name === 'makedev')
        return major === undefined || minor === undefined ? undefined : major * 2 ** 20 + minor;
      return value.args.length === 1 ? major : undefined;
    }
    default:
      return undefined;
  }
}

/** The member of a struct by its name; of `{…} => {…}` what came out, else what went in. */
export function field(value: Value | undefined, name: string): Value | undefined {
  if (value?.kind === 'change') return field(value.after, name) ?? field(value.before, name);
  return value?.kind === 'struct' ? value.fields.find((member) => member.name === name)?.value : undefined;
}

/** The items of an array, or of a set (`[INT RT_2]`); empty for all else. */
export function elements(value: Value | undefined): Value[] {
  if (value?.kind === 'change') return elements(value.after);
  if (value?.kind === 'array') return value.items;
  if (value?.kind !== 'text' || !value.text.startsWith('[')) return [];
  return value.text
    .slice(1, -1)
    .split(' ')
    .map((text) => ({ kind: 'text', text }));
}
