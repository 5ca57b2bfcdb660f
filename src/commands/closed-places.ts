import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { textOfBytes } from '../paths/byte-text.ts';

/** More than any machine should have; a list has to be read by people. */
const most = 200;

/** Deeper than any package puts its configuration. */
const deepest = 6;

/** Configuration, and what services serve. */
const places = ['/etc', '/srv', '/opt', '/mnt'];

/** What is served may be millions of files: of each place only so many names are looked at. */
const mostNames = 20_000;

/**
 * Files and directories of these places that not everybody may read: passwords and keys of services, most of them. Who is root reads
 * them all, with any capability or none. Nothing is opened, links are not followed, and other file systems are left alone.
 * @param root the directory of the machine's files
 * @returns owner and mode (`0:0:0600`) by path text; of a closed directory the directory alone.
 */
export function closedPlaces(root: string): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  let count = 0;
  let left = 0;
  const walk = (directory: string, depth: number, device: number | undefined): void => {
    for (const entry of entriesOf(join(root, directory))) {
      if (left-- <= 0) return;
      const isDirectory = entry.isDirectory();
      if ((!isDirectory && !entry.isFile()) || count >= most) continue;
      const name = `${directory}/${entry.name}`;
      const facts = factsOf(join(root, name));
      // Files of an overlay may say another device than the directory in which they are seen.
      if (facts === undefined || (isDirectory && facts.dev !== device)) continue;
      const isClosed = (facts.mode & (isDirectory ? 0o005 : 0o004)) === 0;
      if (isClosed) {
        const mode = (facts.mode & 0o7777).toString(8).padStart(4, '0');
        found[textOfBytes(Buffer.from(name).toString('latin1'))] = [`${facts.uid}:${facts.gid}:${mode}`];
        count += 1;
      } else if (isDirectory && depth < deepest) walk(name, depth + 1, device);
    }
  };
  for (const place of places) {
    left = mostNames;
    walk(place, 1, factsOf(join(root, place))?.dev);
  }
  return found;
}

function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}

function factsOf(path: string) {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
