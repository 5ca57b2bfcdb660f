import { constants } from 'node:fs';
import { access, lstat, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { brief } from '../emit/escaping.ts';
import { createFile, replaceFile } from '../emit/replace-file.ts';
import { codeOf, Failure } from './failure.ts';
import type { OutputOptions } from './options.ts';

type Target = Pick<OutputOptions, 'output' | 'force'>;

/** Writes to the file that was asked for, whole or not at all, or to standard output. */
export async function writeOutput(content: string, { output, force }: Target): Promise<void> {
  if (output === undefined) {
    await printOutput(content);
    return;
  }
  await checkOutput({ output, force });
  const file = { path: resolve(output), content, mode: 0o644 };
  try {
    await (force ? replaceFile(file) : createFile(file));
  } catch (error) {
    throw new Failure(`${brief(output)} cannot be written (${codeOf(error)}).`);
  }
}

/** Writes to standard output, to its end. Throws a Failure where it takes no more. */
export async function printOutput(content: string): Promise<void> {
  try {
    await new Promise<void>((written, failed) => {
      // Beside the callback, the stream tells of an error by an event, which ends the process where nobody listens.
      process.stdout.once('error', failed);
      process.stdout.write(content, (error) => (error ? failed(error) : written()));
    });
  } catch (error) {
    throw new Failure(`The output could not be written to standard output (${codeOf(error)}).`);
  }
}

/**
 * Says before a long trace what would fail after it. Throws a Failure where the file is there and may not be replaced, or its
 * directory can't be written to.
 */
export async function checkOutput({ output, force }: Target): Promise<void> {
  if (output === undefined) return;
  const path = resolve(output);
  await checkDirectory(output, dirname(path));
  const exists = await lstat(path).then(
    () => true,
    () => false,
  );
  if (!exists) return;
  if (basename(path) === 'override.conf' && dirname(path).endsWith('.d')) {
    throw new Failure(
      `${brief(output)} belongs to \`systemctl edit\` and is never written over: name the file 50-sandbox-profile.conf beside it.`,
    );
  }
  if (!force)
    throw new Failure(`${brief(output)} exists already: remove it, name another file, or give --force.`);
}

/** Throws a Failure where a new file could not be made beside `name`. */
export async function checkDirectory(name: string, directory = dirname(resolve(name))): Promise<void> {
  const found = await stat(directory).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    throw new Failure(
      `${brief(name)} cannot be written: there is no directory ${brief(directory)}; make it, or name another file.`,
    );
  }
  try {
    await access(directory, constants.W_OK | constants.X_OK);
  } catch {
    throw new Failure(
      `${brief(name)} cannot be written: you may not make files in ${brief(directory)}; name a file elsewhere.`,
    );
  }
}
