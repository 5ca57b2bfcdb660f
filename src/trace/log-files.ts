import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LogError, systemReason } from './log-error.ts';

/** A file of a log. `pid` is the end of its name, where its lines may carry none: one of the files of `strace -ff -o NAME`. */
export interface LogFile {
  path: string;
  pid: number;
}

/** One run of strace: a file, standard input (`-`), or all files of an `-ff` set. */
export interface LogSource {
  name: string;
  files: LogFile[];
}

/** `NAME.PID`, where a packer may have added its ending. */
const setName = /^(.*)\.(\d{1,7})(?:\.(?:gz|xz|zst|bz2))?$/;

/**
 * The logs that paths stand for: a directory stands for the files in it; files `NAME.N` with one NAME are one log.
 * @throws LogError when a path cannot be read, or a directory holds no file.
 */
export async function findLogs(paths: string[]): Promise<LogSource[]> {
  const logs = new Map<string, LogSource>();
  for (const path of paths) {
    for (const file of await filesOf(path)) {
      const parts = file === '-' ? null : setName.exec(basename(file));
      const pid = Number(parts?.[2] ?? 0);
      const name = parts === null || pid === 0 ? file : join(dirname(file), parts[1] ?? '');
      const log = logs.get(name) ?? { name, files: [] };
      if (!log.files.some((known) => known.path === file)) log.files.push({ path: file, pid });
      logs.set(name, log);
    }
  }
  for (const log of logs.values()) {
    const [only] = log.files;
    if (log.files.length === 1 && only !== undefined) log.name = only.path;
  }
  return [...logs.values()];
}

async function filesOf(path: string): Promise<string[]> {
  if (path === '-') return ['-'];
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const entries = await readdir(path, { withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => join(path, entry.name));
    if (files.length === 0)
      throw new LogError(`${path}: the directory holds no file: name a log, or the directory of an -ff set.`);
    return files.sort();
  } catch (error) {
    if (error instanceof LogError) throw error;
    throw new LogError(`${path} cannot be read: ${systemReason(error)}.`);
  }
}

/** The first bytes of a file: enough to tell how it is packed, and when its first line was written. */
export async function headOf(path: string, length: number): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const head = Buffer.alloc(length);
      const { bytesRead } = await file.read(head, 0, length, 0);
      return head.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new LogError(`${path} cannot be read: ${systemReason(error)}.`);
  }
}
