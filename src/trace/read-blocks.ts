import { type Gist, wordsThatCount, writeGist } from './gist.ts';
import { endOfResult, unclear, unfinished } from './line-ending.ts';
import type { LineReader } from './read-lines.ts';
import { RepeatedCalls, type Words, wordsIn } from './repeated-calls.ts';
import type { Skimming } from './skimming.ts';

/** A line longer than this is cut: no text of the engine may be longer than 2^29 characters. */
const longest = 2 ** 28;
/** https://man7.org/linux/man-pages/man5/proc_sys_kernel.5.html: pid_max is 2^22 at most. */
const pidDigits = 7;

const space = 32;
const openParen = 40;
const dot = 46;
const zero = 48;
const nine = 57;
const colon = 58;
const lessThan = 60;
const underscore = 95;
const resumed = Buffer.from(' resumed>');

/** A name of a call, and what went by of it. */
interface Name {
  text: string;
  bytes: Buffer;
  hash: number;
  speaks: boolean;
  gist: Gist | undefined;
  /** How many calls went by, and the line of the first. */
  times: number;
  firstLine: number;
}

interface Begun {
  name: Name;
  line: number;
}

/** How many different names are looked up by their bytes: a power of two, and far more than there are calls. */
const nameSlots = 4096;
const mostNames = nameSlots / 4;
const longestName = 64;

/**
 * Cuts blocks of bytes into lines and hands them to a reader, each as a byte string of its own: a path that is kept from a line
 * must not keep the block. Lines that say nothing new go by on the way: whole calls that are only counted, and calls that a
 * process made before in the same words. What the reader makes of a log is the same with and without that.
 *
 * Only lines that carry a number, as `strace -f -o` writes them, can go by: any other may belong to nobody knows whom.
 */
export class BlockReader {
  readonly #reader: LineReader;
  readonly #skimming: Skimming | undefined;
  /** The number of lines that carry none, where the file's name tells it. */
  readonly #pid: number;
  readonly #names: (Name | undefined)[] = new Array(nameSlots);
  readonly #known: Name[] = [];
  readonly #repeated = new RepeatedCalls();
  /** What is being cut into lines. */
  #block = wordsIn(Buffer.alloc(0));
  /** Where the words of the call stand that was looked for last; none where it can't be repeated. */
  #words: Words | undefined;
  #wordsFrom = 0;
  #wordsTo = 0;
  #wordsPid = 0;
  /** First halves that went by, by process. */
  readonly #begun = new Map<number, Begun>();
  /** The process whose lines were found to be settled last, and of which no first half went by; what is handed over may change that. */
  #settled = -1;
  /** What went by since a line was handed over. */
  #calls = 0;
  #ends = 0;
  #parts: Buffer[] = [];
  #length = 0;

  constructor(reader: LineReader, skimming: Skimming | undefined, pid = 0) {
    this.#reader = reader;
    this.#skimming = skimming;
    this.#pid = pid;
  }

  /** The block may be used again by the caller. */
  push(block: Buffer): void {
    if (block !== this.#block.bytes) this.#block = wordsIn(block);
    let from = 0;
    if (this.#length > 0) {
      const to = block.indexOf(10);
      if (to >= 0) {
        this.#finish(block.subarray(0, to));
        from = to + 1;
      }
    }
    for (let to = block.indexOf(10, from); to >= 0; to = block.indexOf(10, from)) {
      if (this.#length > 0) this.#finish(block.subarray(from, to));
      else if (!this.#goesBy(block, from, to)) {
        this.#hand(block.toString('latin1', from, to));
        this.#remember();
      }
      from = to + 1;
    }
    if (from < block.length) this.#keep(Buffer.from(block.subarray(from)));
  }

  /** The last line may have no newline. */
  end(): void {
    if (this.#length > 0) this.#finish(Buffer.alloc(0));
    this.#tellWentBy();
    for (const pid of [...this.#begun.keys()]) this.#tellBegun(pid);
    for (const { text, times, firstLine } of this.#known)
      if (times > 0) this.#skimming?.counted(text, times, firstLine);
    this.#reader.end();
  }

  #keep(part: Buffer): void {
    if (this.#length < longest) this.#parts.push(part);
    this.#length += part.length;
  }

  #finish(last: Buffer): void {
    this.#keep(last);
    const line = Buffer.concat(this.#parts).toString('latin1', 0, longest);
    this.#parts = [];
    this.#length = 0;
    this.#hand(line);
  }

  #hand(line: string): void {
    this.#tellWentBy();
    if (this.#begun.size > 0) this.#tellBegun(this.#pid === 0 ? Number.parseInt(line, 10) : this.#pid);
    this.#settled = -1;
    this.#reader.line(line);
  }

  #tellWentBy(): void {
    if (this.#calls + this.#ends > 0) this.#reader.wentBy(this.#calls, this.#ends, this.#pid === 0);
    this.#calls = 0;
    this.#ends = 0;
  }

  /** What stands in front of a line that goes by is a number, and times; then a name, or `<... name resumed>`. */
  #goesBy(bytes: Buffer, from: number, to: number): boolean {
    this.#words = undefined;
    if (this.#skimming === undefined || this.#reader.isInside) return false;
    let at = from;
    let c = bytes[at] as number;
    let pid = this.#pid;
    if (pid === 0) {
      while (c >= zero && c <= nine) {
        pid = pid * 10 + c - zero;
        c = bytes[++at] as number;
      }
      if (c !== space || at === from || at - from > pidDigits) return false;
      while (c === space) c = bytes[++at] as number;
    }
    while (c >= zero && c <= nine) {
      while ((c >= zero && c <= nine) || c === colon || c === dot) c = bytes[++at] as number;
      if (c !== space) return false;
      c = bytes[++at] as number;
    }
    if (c === lessThan) return this.#endsHere(bytes, at, to, pid);
    const begin = at;
    let hash = 0;
    while ((c >= 97 && c <= 122) || (c >= zero && c <= nine) || c === underscore) {
      hash = (Math.imul(hash, 31) + c) | 0;
      c = bytes[++at] as number;
    }
    if (c !== openParen || at === begin) return false;
    const name = this.#nameAt(bytes, begin, at, hash);
    if (name === undefined) return false;
    const end = endOfResult(bytes, at + 1, to);
    if (end === unclear) return false;
    if (!name.speaks) return this.#isCounted(pid, name, end === unfinished);
    if (end === unfinished) return false;
    return name.gist === undefined
      ? this.#isRepeated(this.#block, begin, end, pid)
      : writeGist(bytes, begin, end, name.gist) &&
          this.#isRepeated(wordsThatCount, 0, wordsThatCount.length, pid);
  }

  /** Whether the process made a call that speaks before in these words. */
  #isRepeated(words: Words, from: number, to: number, pid: number): boolean {
    this.#words = words;
    this.#wordsFrom = from;
    this.#wordsTo = to;
    this.#wordsPid = pid;
    const mark = this.#repeated.find(words, from, to, pid);
    if (mark !== 0 && this.#isSettled(pid) && this.#skimming?.again(mark, pid) === true) {
      this.#calls++;
      return true;
    }
    return false;
  }

  /** The call that did not go by, for its next time. */
  #remember(): void {
    const mark = this.#skimming?.mark ?? 0;
    if (mark === 0 || this.#words === undefined) return;
    this.#repeated.keep(this.#words, this.#wordsFrom, this.#wordsTo, this.#wordsPid, mark);
  }

  #isCounted(pid: number, name: Name, isBegun: boolean): boolean {
    if (!this.#isSettled(pid)) return false;
    this.#calls++;
    const line = this.#reader.lines + this.#calls + this.#ends;
    if (isBegun) {
      this.#begun.set(pid, { name, line });
      this.#settled = -1;
    } else count(name, line);
    return true;
  }

  /** `<... epoll_wait resumed>[], 512, 75000) = 0`, of a call whose first half went by. */
  #endsHere(bytes: Buffer, from: number, to: number, pid: number): boolean {
    const begun = this.#begun.get(pid);
    if (begun === undefined) return false;
    const { name, line } = begun;
    const at = from + 5;
    const end = at + name.bytes.length;
    if (!standsAt(bytes, at, name.bytes) || !standsAt(bytes, end, resumed)) return false;
    if (endOfResult(bytes, end + resumed.length, to) < 0) return false;
    this.#begun.delete(pid);
    this.#ends++;
    count(name, line);
    return true;
  }

  #isSettled(pid: number): boolean {
    if (pid === this.#settled) return true;
    // A second call of one thread before the first has ended: that is for the reader to make sense of.
    if (this.#begun.has(pid) || this.#skimming?.isSettled(pid) !== true) return false;
    this.#settled = pid;
    return true;
  }

  /** The first half of a call turns out to matter, or nobody ends it: the reader gets to know of it. */
  #tellBegun(pid: number): void {
    const begun = this.#begun.get(pid);
    if (begun === undefined) return;
    this.#begun.delete(pid);
    this.#reader.begins(pid, begun.name.text, begun.line);
  }

  #nameAt(bytes: Buffer, from: number, to: number, hash: number): Name | undefined {
    for (let slot = hash; ; slot++) {
      const name = this.#names[slot & (nameSlots - 1)];
      if (name === undefined) return this.#newName(bytes, from, to, hash, slot);
      if (name.hash === hash && name.bytes.length === to - from && standsAt(bytes, from, name.bytes))
        return name;
    }
  }

  #newName(bytes: Buffer, from: number, to: number, hash: number, slot: number): Name | undefined {
    if (this.#known.length >= mostNames || to - from > longestName) return undefined;
    const own = Buffer.from(bytes.subarray(from, to));
    const text = own.toString('latin1');
    const speaks = this.#skimming?.speaks(text) ?? true;
    const gist = this.#skimming?.gistOf(text);
    const name: Name = { text, bytes: own, hash, speaks, gist, times: 0, firstLine: 0 };
    this.#names[slot & (nameSlots - 1)] = name;
    this.#known.push(name);
    return name;
  }
}

function count(name: Name, line: number): void {
  if (name.times === 0 || line < name.firstLine) name.firstLine = line;
  name.times++;
}

function standsAt(bytes: Buffer, at: number, words: Buffer): boolean {
  for (let i = 0; i < words.length; i++) if (bytes[at + i] !== words[i]) return false;
  return true;
}
