import { statfsSync } from 'node:fs';
import { TraceError } from './trace-error.ts';

const leastFree = 16 * 1024 * 1024;

/**
 * Throws a TraceError when a file system is nearly full. On a full one strace drops lines and goes on, saying so on the
 * program's stderr once a line; what would come out of such a trace is not what the program needs.
 */
export function checkDiskSpace(file: string, least = leastFree): void {
  const { bavail, bsize } = statfsSync(file);
  if (bavail * bsize >= least) return;
  throw new TraceError(
    `The file system of ${JSON.stringify(file)} is full, so the trace was ended; free space on it, or set TMPDIR to a directory on another.`,
  );
}
