import { textOfBytes } from './byte-text.ts';
import type { RegularFile, Root } from './root.ts';

/** What an ELF file says to the kernel and to the dynamic loader. https://man7.org/linux/man-pages/man5/elf.5.html */
export interface Elf {
  bits: 32 | 64;
  bigEndian: boolean;
  /** `e_machine`: 62 is x86-64, 183 aarch64. */
  machine: number;
  /** `e_flags`: the ABI variant on some machines. */
  flags: number;
  /** `exec` has a fixed address, `shared` is a library or a position-independent program. */
  type: 'exec' | 'shared' | 'other';
  /** PT_INTERP, as path text. */
  interpreter: string | undefined;
  /** Has no dynamic section that a loader would read: static, or not a program at all. */
  static: boolean;
  soname: string | undefined;
  /** DT_NEEDED, in order. */
  needed: string[];
  /** DT_RPATH; undefined beside DT_RUNPATH, which disables it. */
  rpath: string | undefined;
  runpath: string | undefined;
  /** DF_1_NODEFLIB: the default directories are not searched. */
  noDefaultDirectories: boolean;
}

/** Bounds: a hostile file may claim any size. The kernel takes 64 KiB of program headers and PATH_MAX of interpreter at most. */
const mostHeaderBytes = 65_536;
const longestInterpreter = 4096;
const mostDynamicBytes = 1 << 20;
const mostStringBytes = 1 << 20;
const mostNeeded = 4096;

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT = { NULL: 0, NEEDED: 1, STRTAB: 5, SONAME: 14, RPATH: 15, RUNPATH: 29, FLAGS_1: 0x6ffffffb };
const DF_1_NODEFLIB = 0x800;

const parsed = new WeakMap<Root, Map<string, Elf | undefined>>();

/** The ELF file at a path in a root; undefined where there is none. Remembered a root. Never throws. */
export function elfAt(root: Root, path: string): Elf | undefined {
  let known = parsed.get(root);
  if (known === undefined) {
    known = new Map();
    parsed.set(root, known);
  }
  const { real } = root.lookUp(path);
  if (!known.has(real)) known.set(real, root.withFile(real, readElf));
  return known.get(real);
}

/** Reads an ELF file; undefined where it is none, or is too broken to be loaded. Never throws, reads a bounded part of the file. */
export function readElf(file: RegularFile): Elf | undefined {
  const header = readHeader(file);
  if (header === undefined) return undefined;
  const segments = readSegments(file, header);
  if (segments === undefined) return undefined;

  const elf: Elf = {
    bits: header.bits,
    bigEndian: header.bigEndian,
    machine: header.machine,
    flags: header.flags,
    type: header.type === 2 ? 'exec' : header.type === 3 ? 'shared' : 'other',
    interpreter: undefined,
    static: true,
    soname: undefined,
    needed: [],
    rpath: undefined,
    runpath: undefined,
    noDefaultDirectories: false,
  };
  const interpreter = segments.find((segment) => segment.type === PT_INTERP);
  if (interpreter !== undefined) {
    elf.interpreter = readInterpreter(file, interpreter);
    if (elf.interpreter === undefined) return undefined;
  }
  const dynamic = segments.find((segment) => segment.type === PT_DYNAMIC);
  if (dynamic !== undefined) readDynamic(file, header, segments, dynamic, elf);
  elf.static = elf.interpreter === undefined && elf.needed.length === 0;
  return elf;
}

interface Header {
  bits: 32 | 64;
  bigEndian: boolean;
  type: number;
  machine: number;
  flags: number;
  headersAt: number;
  headerSize: number;
  headerCount: number;
}

interface Segment {
  type: number;
  offset: number;
  address: number;
  fileSize: number;
}

function readHeader(file: RegularFile): Header | undefined {
  const head = file.read(0, 64);
  if (head.length < 52 || head.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const bits = head[4] === 1 ? 32 : head[4] === 2 ? 64 : undefined;
  if (bits === undefined || (bits === 64 && head.length < 64)) return undefined;
  if (head[5] !== 1 && head[5] !== 2) return undefined;
  const bigEndian = head[5] === 2;
  const read = numbersOf(head, bigEndian);
  return {
    bits,
    bigEndian,
    type: read.half(16),
    machine: read.half(18),
    headersAt: bits === 64 ? read.double(32) : read.word(28),
    flags: read.word(bits === 64 ? 48 : 36),
    headerSize: read.half(bits === 64 ? 54 : 42),
    headerCount: read.half(bits === 64 ? 56 : 44),
  };
}

function readSegments(file: RegularFile, header: Header): Segment[] | undefined {
  const size = header.bits === 64 ? 56 : 32;
  if (header.headerCount === 0) return [];
  if (header.headerSize !== size || header.headerCount * size > mostHeaderBytes) return undefined;
  const table = file.read(header.headersAt, header.headerCount * size);
  if (table.length < header.headerCount * size) return undefined;
  const read = numbersOf(table, header.bigEndian);
  const segments: Segment[] = [];
  for (let at = 0; at < table.length; at += size) {
    const type = read.word(at);
    if (header.bits === 64) {
      const [offset, address, fileSize] = [read.double(at + 8), read.double(at + 16), read.double(at + 32)];
      segments.push({ type, offset, address, fileSize });
    } else {
      const [offset, address, fileSize] = [read.word(at + 4), read.word(at + 8), read.word(at + 16)];
      segments.push({ type, offset, address, fileSize });
    }
  }
  return segments;
}

/** The kernel refuses a name that is too long, or that does not end where the segment ends (fs/binfmt_elf.c). */
function readInterpreter(file: RegularFile, segment: Segment): string | undefined {
  if (segment.fileSize < 2 || segment.fileSize > longestInterpreter) return undefined;
  const bytes = file.read(segment.offset, segment.fileSize);
  if (bytes.length < segment.fileSize || bytes[bytes.length - 1] !== 0) return undefined;
  return textOfBytes(bytes.toString('latin1', 0, bytes.indexOf(0)));
}

function readDynamic(
  file: RegularFile,
  header: Header,
  segments: Segment[],
  dynamic: Segment,
  elf: Elf,
): void {
  const wide = header.bits === 64;
  const size = wide ? 16 : 8;
  const bytes = file.read(dynamic.offset, Math.min(dynamic.fileSize, mostDynamicBytes));
  const read = numbersOf(bytes, header.bigEndian);
  const needed: number[] = [];
  // As in the loader, the last entry of a kind is the one that counts.
  const last = new Map<number, number>();
  for (let at = 0; at + size <= bytes.length; at += size) {
    const tag = wide ? read.double(at) : read.word(at);
    const value = wide ? read.double(at + 8) : read.word(at + 4);
    if (tag === DT.NULL) break;
    if (tag === DT.NEEDED) {
      if (needed.length < mostNeeded) needed.push(value);
    } else last.set(tag, value);
  }
  const strings = stringTable(file, segments, last.get(DT.STRTAB));
  const text = (tag: number): string | undefined => {
    const offset = last.get(tag);
    return offset === undefined ? undefined : strings(offset);
  };
  for (const offset of needed) {
    const name = strings(offset);
    if (name !== undefined && name !== '') elf.needed.push(name);
  }
  elf.soname = text(DT.SONAME);
  elf.runpath = text(DT.RUNPATH);
  elf.rpath = elf.runpath === undefined ? text(DT.RPATH) : undefined;
  // Flags are bits of the low word, where a number above 2^53 may have lost some.
  elf.noDefaultDirectories = ((last.get(DT.FLAGS_1) ?? 0) & DF_1_NODEFLIB) !== 0;
}

/** Reads strings by their offset in the table at a virtual address. All of them together are bounded. */
function stringTable(
  file: RegularFile,
  segments: Segment[],
  address: number | undefined,
): (offset: number) => string | undefined {
  let budget = mostStringBytes;
  return (offset) => {
    if (address === undefined) return undefined;
    const place = address + offset;
    const load = segments.find(
      ({ type, address: from, fileSize }) => type === PT_LOAD && place >= from && place < from + fileSize,
    );
    if (load === undefined) return undefined;
    const start = load.offset + (place - load.address);
    const end = load.offset + load.fileSize;
    for (let length = 256; length <= budget; length *= 16) {
      const bytes = file.read(start, Math.min(length, end - start));
      const nul = bytes.indexOf(0);
      if (nul >= 0) {
        budget -= nul + 1;
        return textOfBytes(bytes.toString('latin1', 0, nul));
      }
      if (bytes.length < length) return undefined;
    }
    return undefined;
  };
}

interface Numbers {
  half(at: number): number;
  word(at: number): number;
  /** 64 bits; above 2^53 only about right, which is out of any file. */
  double(at: number): number;
}

function numbersOf(bytes: Buffer, bigEndian: boolean): Numbers {
  const high = 2 ** 32;
  return bigEndian
    ? {
        half: (at) => bytes.readUInt16BE(at),
        word: (at) => bytes.readUInt32BE(at),
        double: (at) => bytes.readUInt32BE(at) * high + bytes.readUInt32BE(at + 4),
      }
    : {
        half: (at) => bytes.readUInt16LE(at),
        word: (at) => bytes.readUInt32LE(at),
        double: (at) => bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * high,
      };
}
