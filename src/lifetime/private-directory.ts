import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atOurEnd } from './at-our-end.ts';
import { pidNamespace, startTime } from './process-identity.ts';

const prefix = 'sandbox-profile-';
/** Owner's number, start time and pid namespace, then what mkdtemp adds. */
const privateName = /^sandbox-profile-(\d{1,10})-(\d{1,20})-(\d{1,20})-[A-Za-z0-9]{6}$/;

/** A directory that only we can enter. */
export interface PrivateDirectory {
  path: string;
  /** With all that is in it. */
  remove(): void;
}

/**
 * Makes a directory that only we can enter (0700), and first removes those of owners that are no more. Where it is not removed it
 * goes when this process ends; after a SIGKILL the next call sweeps it.
 *
 * It lies in the temporary directory, not in /run: a slow reader makes a trace long, and a full /run harms the whole host.
 * @throws when the directory for temporary files cannot be written.
 */
export function makePrivateDirectory(parent = tmpdir()): PrivateDirectory {
  sweepPrivateDirectories(parent);
  const owner = [process.pid, startTime(process.pid) ?? '0', pidNamespace()].join('-');
  const path = mkdtempSync(join(parent, `${prefix}${owner}-`));
  const removeAll = () => rmSync(path, { recursive: true, force: true });
  const forget = atOurEnd(removeAll);
  return {
    path,
    remove() {
      removeAll();
      forget();
    },
  };
}

/**
 * Lends `use` such a directory, and removes it whatever happens.
 * @throws when the directory for temporary files cannot be written; and whatever `use` throws.
 */
export async function inPrivateDirectory<T>(use: (path: string) => Promise<T>): Promise<T> {
  const directory = makePrivateDirectory();
  try {
    return await use(directory.path);
  } finally {
    directory.remove();
  }
}

/** Removes what processes that were killed left behind: ours only (same user, same pid namespace), never through a link. */
export function sweepPrivateDirectories(parent = tmpdir()): void {
  for (const name of entries(parent)) {
    const [, pid, started, namespace] = privateName.exec(name) ?? [];
    if (pid === undefined || namespace !== pidNamespace() || startTime(Number(pid)) === started) continue;
    const directory = join(parent, name);
    try {
      const found = lstatSync(directory);
      if (!found.isDirectory() || found.uid !== process.geteuid?.()) continue;
      rmSync(directory, { recursive: true, force: true });
    } catch {
      // Another start was faster, or it cannot be removed: the next start tries again.
    }
  }
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
