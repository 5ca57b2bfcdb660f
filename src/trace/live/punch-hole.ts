import { execa } from 'execa';

/** How much is read before its disk space is given back. */
export const punchEvery = 64 * 1024 * 1024;
const block = 4096;

/**
 * Gives the disk space of what was read from a growing file back to the file system: calls `consumed` with the number of
 * bytes read so far. The file keeps its length; the part reads as zeros. Best effort: a file system without holes, or no
 * fallocate, keeps the space until the file is removed.
 * https://man7.org/linux/man-pages/man1/fallocate.1.html
 */
export class HolePuncher {
  readonly #file: string;
  readonly #every: number;
  #given = 0;
  #running: Promise<void> | undefined;
  #works = true;

  constructor(file: string, every = punchEvery) {
    this.#file = file;
    this.#every = every;
  }

  consumed(bytes: number): void {
    if (!this.#works || this.#running !== undefined || bytes - this.#given < this.#every) return;
    this.#running = this.#punch(bytes - (bytes % block)).finally(() => {
      this.#running = undefined;
    });
  }

  /** Resolves when no fallocate runs any more. Never rejects. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #punch(end: number): Promise<void> {
    const length = end - this.#given;
    const args = ['--punch-hole', '--offset', String(this.#given), '--length', String(length), this.#file];
    const { failed } = await execa('fallocate', args, { reject: false, stdio: 'ignore' });
    if (failed) this.#works = false;
    else this.#given = end;
  }
}
