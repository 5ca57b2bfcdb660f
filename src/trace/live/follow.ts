import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';

const chunkSize = 256 * 1024;
/** How long to wait at the end of the file before looking again, in milliseconds: doubled from the first to the last. */
const [shortestWait, longestWait] = [20, 160];

export interface FollowOptions {
  /** Settles when nobody will write any more: the stream ends once all is read. */
  complete: Promise<unknown>;
  /** Called with the number of bytes read so far. */
  onRead?: (bytes: number) => void;
}

/**
 * The text of a growing file, each character one byte. Looks again at growing intervals instead of asking inotify: strace
 * writes line by line, and an event for each line costs as much as reading it.
 */
export function follow(file: string, options: FollowOptions): Readable {
  return new GrowingFile(file, options).setEncoding('latin1');
}

class GrowingFile extends Readable {
  readonly #file: string;
  readonly #onRead: ((bytes: number) => void) | undefined;
  readonly #buffer = Buffer.allocUnsafe(chunkSize);
  #handle: FileHandle | undefined;
  #position = 0;
  #complete = false;
  /** The last read reached the end: a line or two is hardly more by now, and a read for each would keep a core busy. */
  #atEnd = false;
  #wake: (() => void) | undefined;

  constructor(file: string, { complete, onRead }: FollowOptions) {
    super({ highWaterMark: chunkSize });
    this.#file = file;
    this.#onRead = onRead;
    const finish = () => {
      this.#complete = true;
      this.#wake?.();
    };
    complete.then(finish, finish);
  }

  override _construct(callback: (error?: Error | null) => void): void {
    open(this.#file, 'r').then((handle) => {
      this.#handle = handle;
      callback();
    }, callback);
  }

  override _read(): void {
    this.#next().then(
      (chunk) => this.push(chunk),
      (error: Error) => this.destroy(error),
    );
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#wake?.();
    if (this.#handle === undefined) callback(error);
    else this.#handle.close().then(() => callback(error), callback);
  }

  /** What was written since; null at the end. */
  async #next(): Promise<Buffer | null> {
    let wait = shortestWait;
    if (this.#atEnd) await this.#pause(wait);
    while (this.#handle !== undefined && !this.destroyed) {
      // Asked before the read: what was written up to the end is then in it.
      const last = this.#complete;
      const { bytesRead } = await this.#handle.read(this.#buffer, 0, chunkSize, this.#position);
      if (bytesRead > 0) {
        this.#atEnd = bytesRead < chunkSize;
        this.#position += bytesRead;
        this.#onRead?.(this.#position);
        return Buffer.from(this.#buffer.subarray(0, bytesRead));
      }
      if (last) return null;
      await this.#pause(wait);
      wait = Math.min(2 * wait, longestWait);
    }
    return null;
  }

  #pause(milliseconds: number): Promise<void> {
    if (this.#complete) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
