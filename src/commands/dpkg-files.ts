import { readdirSync, readFileSync } from 'node:fs';
import { bytesOfText, textOfBytes } from '../paths/byte-text.ts';
import { isOfInterest, namesOf, type PackageFiles } from './package-listing.ts';

/**
 * The files of the package that has a program, and of those on which it depends but what every system has, from the database of
 * dpkg. https://man7.org/linux/man-pages/man5/deb-control.5.html
 * @param program path text
 * @returns nothing where dpkg knows no such program. Nothing is run.
 */
export function dpkgFiles(program: string, database = '/var/lib/dpkg'): PackageFiles {
  const names = namesOf(program).map((path) => `\n${bytesOfText(path).toString('latin1')}\n`);
  const lists = new Map<string, string>();
  const owners: string[] = [];
  for (const file of listsIn(`${database}/info`)) {
    const name = file.slice(0, -'.list'.length).replace(/:.*/, '');
    const text = read(`${database}/info/${file}`);
    if (names.some((line) => text.includes(line))) owners.push(name);
    lists.set(name, `${lists.get(name) ?? ''}${text}`);
  }
  if (owners.length === 0) return new Map();
  const packages = closureOf(owners, read(`${database}/status`));
  const filesOf = (name: string) => lists.get(name)?.split('\n').filter(isOfInterest).map(textOfBytes) ?? [];
  return new Map([...packages].sort().map((name) => [name, filesOf(name)]));
}

/** With what they depend on, but what every system has: that belongs to the system. */
function closureOf(names: readonly string[], status: string): Set<string> {
  const depends = new Map<string, string[]>();
  for (const stanza of status.split('\n\n')) {
    const name = /^Package: (.+)$/m.exec(stanza)?.[1];
    if (name === undefined || /^Priority: (?:required|important|standard)$/m.test(stanza)) continue;
    const fields = [...stanza.matchAll(/^(?:Pre-)?Depends: (.+)$/gm)]
      .map((match) => match[1] ?? '')
      .join(',');
    depends.set(
      name,
      fields.split(/[,|]/).map((word) => word.trim().replace(/[ (:].*/, '')),
    );
  }
  const closure = new Set(names);
  for (const name of closure)
    for (const next of depends.get(name) ?? []) if (depends.has(next)) closure.add(next);
  return closure;
}

function listsIn(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => name.endsWith('.list'));
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
