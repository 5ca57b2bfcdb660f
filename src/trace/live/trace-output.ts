import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { makePrivateDirectory } from '../../lifetime/private-directory.ts';
import { unwatchedMark } from '../unwatched-mark.ts';
import { HolePuncher } from './punch-hole.ts';
import { TraceError } from './trace-error.ts';

/** A file that strace writes and we read while it grows. A file, not a FIFO: a slow reader must never stall the program. */
export interface TraceOutput {
  /** What `-o` gets. */
  writePath: string;
  readPath: string;
  /** Whether it has lines already, to which strace must add. */
  hasLines: boolean;
  /** The directory that it lies in. */
  directory: string;
  /** Called with the number of bytes read so far. */
  consumed(bytes: number): void;
  /** Lets go of the file, and removes it where it is not kept. */
  close(): Promise<void>;
}

/** A file that is gone when the trace has been read; its disk use stays bounded while it is. */
export async function openSpool(): Promise<TraceOutput> {
  const directory = makePrivateDirectory();
  const file = join(directory.path, 'trace');
  try {
    const handle = await open(file, 'wx', 0o600);
    await handle.close();
  } catch (error) {
    directory.remove();
    throw cannotWrite(file, error);
  }
  const puncher = new HolePuncher(file);
  return {
    writePath: file,
    readPath: file,
    hasLines: false,
    directory: directory.path,
    consumed: (bytes) => puncher.consumed(bytes),
    async close() {
      await puncher.settled();
      directory.remove();
    },
  };
}

export interface KeptLog {
  path: string;
  /** Replace a regular file that is already there. */
  overwrite?: boolean | undefined;
}

/**
 * A log for the user to keep, readable only for them (0600). It is never opened through a link, also not by strace: that gets
 * our descriptor's path in /proc, so that nobody can put another file in the way in between (and no name is taken for a
 * pipe, as strace takes `|…` and `!…`).
 */
export async function openKeptLog(
  { path, overwrite }: KeptLog,
  unwatched: readonly string[] = [],
): Promise<TraceOutput> {
  const handle = await createLog(resolve(path), overwrite === true);
  if (unwatched.length > 0) await handle.write(unwatchedMark(unwatched));
  const link = `/proc/${process.pid}/fd/${handle.fd}`;
  return {
    writePath: link,
    readPath: link,
    hasLines: unwatched.length > 0,
    directory: dirname(resolve(path)),
    consumed() {},
    close: () => handle.close(),
  };
}

async function createLog(path: string, overwrite: boolean): Promise<FileHandle> {
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;
  try {
    return await open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw cannotWrite(path, error);
    if (!overwrite)
      throw new TraceError(`The log ${JSON.stringify(path)} exists already; remove it or name another file.`);
  }
  let handle: FileHandle | undefined;
  try {
    // O_NONBLOCK: opening a FIFO must not wait for its other end.
    handle = await open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK);
    if (!(await handle.stat()).isFile())
      throw new TraceError(
        `The log ${JSON.stringify(path)} is not a regular file; name another file for the log.`,
      );
    await handle.chmod(0o600);
    await handle.truncate();
    return handle;
  } catch (error) {
    await handle?.close();
    throw error instanceof TraceError ? error : cannotWrite(path, error);
  }
}

function cannotWrite(path: string, error: unknown): TraceError {
  const reason = isErrno(error, 'ELOOP')
    ? 'it is a symbolic link'
    : error instanceof Error && 'code' in error
      ? String(error.code)
      : String(error);
  return new TraceError(
    `Cannot write the trace to ${JSON.stringify(path)} (${reason}); name a file in a directory that you can write to.`,
  );
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
