import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TraceError } from './trace-error.ts';

/**
 * The file that a command name stands for, found as execvp(3) and strace find it: a name with a slash is a path, any other is
 * looked up in PATH, where an empty entry is the working directory.
 * https://man7.org/linux/man-pages/man3/exec.3.html
 * Throws a TraceError where there is none, or it cannot be executed.
 */
export async function findProgram(name: string, path = process.env.PATH ?? ''): Promise<string> {
  if (name === '') throw new TraceError('No command was given: name the program to trace and its arguments.');
  if (name.includes('/')) {
    const reason = await notExecutable(name);
    if (reason === undefined) return name;
    throw new TraceError(
      `Cannot start ${JSON.stringify(name)}: ${reason}; give the path of an executable program.`,
    );
  }
  let refused: string | undefined;
  for (const directory of path.split(':')) {
    const file = join(directory === '' ? '.' : directory, name);
    const reason = await notExecutable(file);
    if (reason === undefined) return file.includes('/') ? file : `./${file}`;
    if (reason !== missing) refused ??= `${JSON.stringify(file)}: ${reason}`;
  }
  if (refused !== undefined)
    throw new TraceError(`Cannot start ${refused}; give the path of an executable program.`);
  throw new TraceError(
    `Cannot find the command ${JSON.stringify(name)} in PATH; check its spelling or give its full path.`,
  );
}

const missing = 'there is no such file';

async function notExecutable(file: string): Promise<string | undefined> {
  try {
    const found = await stat(file);
    if (found.isDirectory()) return 'it is a directory';
    if (!found.isFile()) return 'it is not a regular file';
    await access(file, constants.X_OK);
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return missing;
    if (code === 'EACCES') return 'you have no permission to execute it';
    return `it cannot be executed (${String(code)})`;
  }
}
