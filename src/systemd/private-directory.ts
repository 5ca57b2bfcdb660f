import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Lends `use` a new directory that only this user may enter (0700), and removes it with all that is in it, whatever happens.
 * @throws when the directory for temporary files cannot be written; and whatever `use` throws.
 */
export async function inPrivateDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'sandbox-profile-'));
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
