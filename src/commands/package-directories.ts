import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { bytesOfText } from '../paths/byte-text.ts';

const data = '/var/lib/dpkg';
const places = /^\/var\/(?:lib|cache|spool)\/./;

/**
 * The directories below /var that a program's package, or one that it depends on, ships to be written to: spools, caches, stores
 * of sessions. They belong to somebody else than root, or everybody may make files there (sticky). No small request shows them.
 * Only where dpkg is the package manager. https://man7.org/linux/man-pages/man5/deb-control.5.html
 * @param program path text
 * @returns for each directory the packages that ship it. Nothing is run.
 */
export function packageDirectories(program: string, database = data): Record<string, string[]> {
  const names = new Set([program, program.replace(/^\/usr\//, '/')]);
  const lists = new Map<string, string[]>();
  const owners: string[] = [];
  for (const file of listsIn(`${database}/info`)) {
    const name = file.slice(0, -'.list'.length).replace(/:.*/, '');
    const text = read(`${database}/info/${file}`);
    const isOwner = [...names].some((path) => text.includes(`\n${bytesOfText(path).toString('latin1')}\n`));
    if (isOwner) owners.push(name);
    if (text.includes('/var/'))
      lists.set(
        name,
        text.split('\n').filter((line) => places.test(line)),
      );
  }
  const found = new Map<string, string[]>();
  for (const name of owners.length === 0 ? [] : closureOf(owners, read(`${database}/status`))) {
    for (const path of lists.get(name) ?? [])
      if (isToWrite(path)) found.set(path, [...(found.get(path) ?? []), name].sort());
  }
  return Object.fromEntries([...found].sort());
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

function isToWrite(path: string): boolean {
  try {
    const facts = lstatSync(path);
    const isShared = (facts.mode & 0o1002) === 0o1002;
    return facts.isDirectory() && (facts.uid !== 0 || isShared);
  } catch {
    return false;
  }
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
