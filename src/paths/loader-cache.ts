import { textOfBytes } from './byte-text.ts';
import type { Elf } from './elf.ts';
import type { Root } from './root.ts';

/** One library that ldconfig wrote down. The format: sysdeps/generic/dl-cache.h and elf/cache.c in glibc. */
export interface CacheEntry {
  path: string;
  /** What ldconfig found it to be: file type in the low byte, ABI above it. */
  flags: number;
  /** `x86-64-v3` where the library is in a glibc-hwcaps directory. */
  level: string | undefined;
  /** Needs processor features in the way of glibc before 2.33. */
  legacyFeatures: boolean;
}

/** The libraries of an ld.so.cache by name. */
export type LoaderCache = ReadonlyMap<string, readonly CacheEntry[]>;

const newMagic = 'glibc-ld.so.cache1.1';
const oldMagic = 'ld.so-1.7.0';
const headerSize = 48;
const entrySize = 24;
const longestCache = 64 << 20;
const longestString = 4096;
const extensionMagic = 0xeaa42174;
const hwcapsTag = 1;

/** The cache at a path in a root; undefined where there is none in the format `glibc-ld.so.cache1.1`. Never throws. */
export function loaderCacheAt(root: Root, path: string): LoaderCache | undefined {
  const bytes = root.withFile(path, (file) => {
    const parts: Buffer[] = [];
    const size = Math.min(file.size, longestCache);
    for (let at = 0; at < size; ) {
      const part = file.read(at, size - at);
      if (part.length === 0) break;
      parts.push(part);
      at += part.length;
    }
    return Buffer.concat(parts);
  });
  return bytes === undefined ? undefined : readLoaderCache(bytes);
}

/** Reads a cache, also one that stands behind a cache in the format of libc5. Never throws. */
export function readLoaderCache(file: Buffer): LoaderCache | undefined {
  const start = startOfNew(file);
  if (start === undefined) return undefined;
  const bytes = file.subarray(start);
  if (bytes.length < headerSize) return undefined;
  // Two bits say the byte order since glibc 2.33: 2 is little, 3 big; 0 is not said. The wrong one would give nonsense counts.
  const bigEndian =
    (bytes.readUInt8(28) & 3) === 3 || (bytes.readUInt8(28) & 3 ? false : looksBigEndian(bytes));
  const word = (at: number): number => (bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  const count = Math.min(word(20), Math.floor((bytes.length - headerSize) / entrySize));
  const levels = readLevels(bytes, word);
  const cache = new Map<string, CacheEntry[]>();
  for (let i = 0; i < count; i++) {
    const at = headerSize + i * entrySize;
    const name = stringAt(bytes, word(at + 4));
    const path = stringAt(bytes, word(at + 8));
    if (name === undefined || path === undefined) continue;
    const [low, high] = bigEndian ? [word(at + 20), word(at + 16)] : [word(at + 16), word(at + 20)];
    const isLevel = high === 0x4000_0000;
    const entry: CacheEntry = {
      path,
      flags: word(at),
      level: isLevel ? levels[low] : undefined,
      legacyFeatures: !isLevel && (low !== 0 || high !== 0),
    };
    if (isLevel && entry.level === undefined) continue;
    const same = cache.get(name);
    if (same === undefined) cache.set(name, [entry]);
    else same.push(entry);
  }
  return cache;
}

/**
 * The paths that a cache offers for a library's name to programs of the kind of `elf`, best first; `levels` are the processor's
 * glibc-hwcaps names, best first. Entries that need features in the old way are left out: no distribution ships such any more.
 */
export function pathsInCache(
  cache: LoaderCache,
  name: string,
  elf: Elf,
  levels: readonly string[],
): string[] {
  const flags = cacheFlags(elf);
  const rank = ({ level }: CacheEntry): number =>
    level === undefined ? levels.length : levels.indexOf(level);
  return (cache.get(name) ?? [])
    .filter((entry) => (entry.flags === flags || flags === undefined) && !entry.legacyFeatures)
    .filter((entry) => rank(entry) >= 0)
    .sort((a, b) => rank(a) - rank(b))
    .map((entry) => entry.path);
}

/** The flags that ldconfig gives libraries of a program's ABI (sysdeps/generic/ldconfig.h); undefined: not known, take any. */
function cacheFlags({ machine, bits, flags }: Elf): number | undefined {
  const glibc = 0x3;
  switch (machine) {
    case 3: // i386
      return glibc;
    case 62: // x86-64, x32
      return glibc | (bits === 64 ? 0x300 : 0x800);
    case 22: // s390x
      return bits === 64 ? glibc | 0x400 : glibc;
    case 21: // powerpc64
      return glibc | 0x500;
    case 183: // aarch64
      return bits === 64 ? glibc | 0xa00 : undefined;
    case 243: // riscv: the float ABI is in e_flags
      return bits !== 64
        ? undefined
        : (flags & 6) === 4
          ? glibc | 0x1000
          : (flags & 6) === 0
            ? glibc | 0xf00
            : undefined;
    default:
      return undefined;
  }
}

function startOfNew(file: Buffer): number | undefined {
  if (hasText(file, 0, newMagic)) return 0;
  if (!hasText(file, 0, oldMagic) || file.length < 16) return undefined;
  // The old part: a header of 16 bytes and entries of 12; the new part follows, aligned as its 64-bit members ask.
  for (const count of [file.readUInt32LE(12), file.readUInt32BE(12)]) {
    const end = 16 + count * 12;
    for (const align of [8, 4]) {
      const start = Math.ceil(end / align) * align;
      if (hasText(file, start, newMagic)) return start;
    }
  }
  return undefined;
}

function hasText(file: Buffer, at: number, text: string): boolean {
  return at + text.length <= file.length && file.toString('latin1', at, at + text.length) === text;
}

function looksBigEndian(bytes: Buffer): boolean {
  return bytes.readUInt32BE(20) < bytes.readUInt32LE(20);
}

function stringAt(bytes: Buffer, at: number): string | undefined {
  if (at >= bytes.length) return undefined;
  const end = bytes.subarray(at, at + longestString).indexOf(0);
  return end < 0 ? undefined : textOfBytes(bytes.toString('latin1', at, at + end));
}

/** The names of glibc-hwcaps directories, from the extension that holds them; empty where there is none. */
function readLevels(bytes: Buffer, word: (at: number) => number): string[] {
  const at = word(32);
  if (at === 0 || at + 8 > bytes.length || word(at) !== extensionMagic) return [];
  const sections = Math.min(word(at + 4), 64);
  for (let i = 0; i < sections; i++) {
    const section = at + 8 + i * 16;
    if (section + 16 > bytes.length) break;
    if (word(section) !== hwcapsTag) continue;
    const offset = word(section + 8);
    const size = Math.min(word(section + 12), 4096, Math.max(0, bytes.length - offset));
    const levels: string[] = [];
    for (let j = 0; j + 4 <= size; j += 4) levels.push(stringAt(bytes, word(offset + j)) ?? '');
    return levels;
  }
  return [];
}
