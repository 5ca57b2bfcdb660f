/** A line longer than this is cut: no text of the engine may be longer than 2^29 characters. */
const longest = 2 ** 28;

/**
 * Cuts blocks of bytes into lines, each a byte string of its own: a path that is kept from a line must not keep the block. Each
 * byte is looked at once, however long a line grows.
 */
export class LineSplitter {
  private readonly take: (line: string) => void;
  private parts: Buffer[] = [];
  private length = 0;

  constructor(take: (line: string) => void) {
    this.take = take;
  }

  /** The block may be used again by the caller. */
  push(block: Buffer): void {
    let from = 0;
    for (;;) {
      const to = block.indexOf(10, from);
      if (to < 0) break;
      if (this.length === 0) this.take(block.toString('latin1', from, to));
      else this.finish(block.subarray(from, to));
      from = to + 1;
    }
    if (from < block.length) this.keep(Buffer.from(block.subarray(from)));
  }

  /** The last line may have no newline. */
  end(): void {
    if (this.length > 0) this.finish(Buffer.alloc(0));
  }

  private keep(part: Buffer): void {
    if (this.length < longest) this.parts.push(part);
    this.length += part.length;
  }

  private finish(last: Buffer): void {
    this.keep(last);
    const line = Buffer.concat(this.parts).toString('latin1', 0, longest);
    this.parts = [];
    this.length = 0;
    this.take(line);
  }
}
