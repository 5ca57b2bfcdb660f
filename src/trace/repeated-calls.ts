/** How many calls are remembered; a power of two. One takes the place of another that falls on its slot. */
const slots = 16384;
/** Room for the words of one; longer ones are not worth a comparison. */
const longest = 512;
/** An odd number with bits all over: multiplying by it spreads what differs. */
const factor = 0x5bd1e995;

/** The words of calls that a listener can repeat, by process: a bounded table, looked up by bytes. */
export class RepeatedCalls {
  readonly #hashes = new Int32Array(slots);
  readonly #pids = new Int32Array(slots);
  readonly #marks = new Float64Array(slots);
  readonly #lengths = new Int32Array(slots);
  /** Made when there is something to remember: most logs are short. */
  #words: Buffer | undefined;
  #hash = 0;
  #bytes: Buffer | undefined;
  #view: DataView = new DataView(new ArrayBuffer(0));

  /** The mark of the call whose words stand from `from` to `to`; 0 where the process is not known to have made it. */
  find(bytes: Buffer, from: number, to: number, pid: number): number {
    const hash = this.#hashOf(bytes, from, to, pid);
    const slot = hash & (slots - 1);
    const length = to - from;
    if (this.#hashes[slot] !== hash || this.#pids[slot] !== pid || this.#lengths[slot] !== length) return 0;
    const at = slot * longest;
    return this.#words?.compare(bytes, from, to, at, at + length) === 0 ? (this.#marks[slot] as number) : 0;
  }

  /** Remembers the call that was looked for last. */
  keep(bytes: Buffer, from: number, to: number, pid: number, mark: number): void {
    if (to - from > longest) return;
    this.#words ??= Buffer.allocUnsafeSlow(slots * longest);
    const slot = this.#hash & (slots - 1);
    this.#hashes[slot] = this.#hash;
    this.#pids[slot] = pid;
    this.#marks[slot] = mark;
    this.#lengths[slot] = to - from;
    bytes.copy(this.#words, slot * longest, from, to);
  }

  #hashOf(bytes: Buffer, from: number, to: number, pid: number): number {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    const view = this.#view;
    let hash = pid;
    let at = from;
    for (; at + 4 <= to; at += 4) hash = (Math.imul(hash, factor) + view.getInt32(at, true)) | 0;
    for (; at < to; at++) hash = (Math.imul(hash, factor) + view.getInt8(at)) | 0;
    // What differs is in the upper bits by now.
    hash ^= hash >>> 15;
    this.#hash = hash;
    return hash;
  }
}
