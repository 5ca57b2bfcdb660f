import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes on disk below a directory; what is gone in between counts for nothing. */
export async function sizeBelow(directory: string): Promise<number> {
  let size = 0;
  for (const entry of await readdir(directory, { withFileTypes: true }).catch(() => [])) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) size += await sizeBelow(path);
    else size += ((await lstat(path).catch(() => undefined))?.blocks ?? 0) * 512;
  }
  return size;
}
