import { lstatSync } from 'node:fs';
import { bytesOfText } from '../paths/byte-text.ts';
import type { PackageFiles } from './package-listing.ts';

const places = /^\/var\/(?:lib|cache|spool)\/./;

/**
 * The directories below /var that packages ship to be written to: spools, caches, stores of sessions. They belong to somebody
 * else than root, or everybody may make files there (sticky). No small request shows them.
 * @returns for each directory the packages that ship it.
 */
export function packageDirectories(files: PackageFiles): Record<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [name, paths] of files) {
    for (const path of paths.filter((each) => places.test(each)))
      if (isToWrite(path)) found.set(path, [...(found.get(path) ?? []), name].sort());
  }
  return Object.fromEntries([...found].sort());
}

function isToWrite(path: string): boolean {
  try {
    const facts = lstatSync(bytesOfText(path));
    const isShared = (facts.mode & 0o1002) === 0o1002;
    return facts.isDirectory() && (facts.uid !== 0 || isShared);
  } catch {
    return false;
  }
}
