import { randomUUID } from 'node:crypto';
import { link, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export interface FileToWrite {
  path: string;
  content: string;
  /** Permission bits, whatever the umask says. */
  mode: number;
}

/** Writes a new file whole or not at all. Throws an error with code EEXIST where something of that name is there. */
export async function createFile(file: FileToWrite): Promise<void> {
  // link(2), unlike rename(2), never takes the place of what is there.
  await withTemporary(file, (temporary) => link(temporary, file.path));
}

/** The same, in the place of what is there: a reader sees the old file or the new one, never a part. */
export async function replaceFile(file: FileToWrite): Promise<void> {
  await withTemporary(file, (temporary) => rename(temporary, file.path));
}

async function withTemporary(
  { path, content, mode }: FileToWrite,
  place: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  // `wx`: a link that somebody else put there is not followed.
  const handle = await open(temporary, 'wx', mode);
  try {
    await handle.chmod(mode);
    await handle.writeFile(content);
    await handle.sync();
    await handle.close();
    await place(temporary);
  } finally {
    await handle.close().catch(() => undefined);
    await rm(temporary, { force: true });
  }
}
