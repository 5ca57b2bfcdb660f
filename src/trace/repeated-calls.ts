/** How many calls are remembered; a power of two. One takes the place of another that falls on its slot. */
const slots = 16384;
/** Room for the words of one; longer ones are not worth a comparison. */
const longest = 512;
/** An odd number with bits all over: multiplying by it spreads what differs. */
const factor = 0x5bd1e995;

/** Bytes, as they are compared: four at a time. */
export interface Words {
  bytes: Buffer;
  view: DataView;
}

export function wordsIn(bytes: Buffer): Words {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

/** The words of calls that a listener can repeat, by process: a bounded table, looked up by bytes. */
export class RepeatedCalls {
  readonly #hashes = new Int32Array(slots);
  readonly #pids = new Int32Array(slots);
  readonly #marks = new Float64Array(slots);
  readonly #lengths = new Int32Array(slots);
  /** Made when there is something to remember: most logs are short. */
  #kept: Words | undefined;
  #hash = 0;

  /** The mark of the call whose words stand from `from` to `to`; 0 where the process is not known to have made it. */
  find({ view }: Words, from: number, to: number, pid: number): number {
    const hash = hashOf(view, from, to, pid);
    this.#hash = hash;
    const slot = hash & (slots - 1);
    const length = to - from;
    if (this.#hashes[slot] !== hash || this.#pids[slot] !== pid || this.#lengths[slot] !== length) return 0;
    const isKept = this.#kept !== undefined && areSame(view, from, this.#kept.view, slot * longest, length);
    return isKept ? (this.#marks[slot] as number) : 0;
  }

  /** Remembers the call that was looked for last. */
  keep({ bytes }: Words, from: number, to: number, pid: number, mark: number): void {
    if (to - from > longest) return;
    this.#kept ??= wordsIn(Buffer.allocUnsafeSlow(slots * longest));
    const slot = this.#hash & (slots - 1);
    this.#hashes[slot] = this.#hash;
    this.#pids[slot] = pid;
    this.#marks[slot] = mark;
    this.#lengths[slot] = to - from;
    bytes.copy(this.#kept.bytes, slot * longest, from, to);
  }
}

function hashOf(view: DataView, from: number, to: number, pid: number): number {
  let hash = pid;
  let at = from;
  for (; at + 4 <= to; at += 4) hash = (Math.imul(hash, factor) + view.getInt32(at, true)) | 0;
  for (; at < to; at++) hash = (Math.imul(hash, factor) + view.getInt8(at)) | 0;
  // What differs is in the upper bits by now.
  return hash ^ (hash >>> 15);
}

/** A call of `Buffer.compare` takes longer for so few bytes. */
function areSame(one: DataView, from: number, other: DataView, otherFrom: number, length: number): boolean {
  let at = 0;
  for (; at + 4 <= length; at += 4)
    if (one.getInt32(from + at) !== other.getInt32(otherFrom + at)) return false;
  for (; at < length; at++) if (one.getInt8(from + at) !== other.getInt8(otherFrom + at)) return false;
  return true;
}
