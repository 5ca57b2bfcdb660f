import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ownRoots } from '../directives/own-directories.ts';
import { bytesOfText, textOfBytes } from '../paths/byte-text.ts';
import { type InstalledUnit, openUnits } from '../systemd/installed-unit.ts';
import { expandSpecifiers } from '../systemd/unit-specifiers.ts';
import { wordsOf } from '../systemd/unit-words.ts';
import { unitsOfHost } from './known-host.ts';
import { startsProgram } from './likely-unit.ts';
import { preparedBy } from './prepared-paths.ts';

const ownDirectories: Readonly<Record<string, string>> = ownRoots;

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.socket.html#ListenStream= */
const listening: ReadonlySet<string> = new Set([
  'ListenStream',
  'ListenDatagram',
  'ListenSequentialPacket',
  'ListenFIFO',
]);

/**
 * What other services of a machine have below /run and /var, as its units and tmpfiles.d tell: their own directories, and the sockets
 * that systemd opens for them. Nothing is run.
 * @param root the directory of the machine's files
 * @param program path text: units that start it are not others
 * @returns who says so, by path text
 */
export function neighbours(root: string, program: string): Record<string, string[]> {
  const found = new Map<string, Set<string>>();
  const add = (path: string, by: string) => {
    if (/^\/(?:run|var)\/./.test(path)) found.set(path, (found.get(path) ?? new Set()).add(by));
  };
  const units = root === '/' ? unitsOfHost() : openUnits(root);
  const all = units.names
    .filter((name) => isService(name) || name.endsWith('.socket'))
    .flatMap((name) => units.unit(name) ?? []);
  const starts = startsProgram(program);
  const own = new Set(all.filter((unit) => isService(unit.name) && starts(unit)).map(({ name }) => name));
  for (const unit of all) {
    if (own.has(serviceOf(unit))) continue;
    for (const path of pathsOf(unit)) add(path, unit.name);
  }
  for (const [path, { kind, by }] of preparedBy(configurations(root)))
    if (kind === 'directory') add(path, by);
  return Object.fromEntries([...found].sort().map(([path, by]) => [path, [...by].sort()]));
}

const isService = (name: string) => name.endsWith('.service');

/** That which a socket is for; any other unit is its own. */
function serviceOf({ name, text }: InstalledUnit): string {
  const said = text.lines.findLast(({ section, key }) => section === 'Socket' && key === 'Service')?.text;
  return said ?? name.replace(/\.socket$/, '.service');
}

function* pathsOf({ name, text }: InstalledUnit): Generator<string> {
  for (const { section, key, text: value } of text.lines) {
    const parent = section === 'Service' ? ownDirectories[key] : undefined;
    const isListening = section === 'Socket' && listening.has(key) && value.startsWith('/');
    if (parent === undefined && !isListening) continue;
    for (const word of wordsOf(value, 'plain', { unit: name }).words) {
      // What depends on the instance of a template is not known.
      if (name.includes('@.') && word.includes('%')) continue;
      const path = expandSpecifiers(word, name)?.replace(/:.*/, '');
      if (path !== undefined && path !== '' && !path.includes('%'))
        yield parent === undefined ? path.replace(/^\/var\/run\//, '/run/') : `${parent}/${path}`;
    }
  }
}

/** A file of the same name further up wins: https://www.freedesktop.org/software/systemd/man/latest/tmpfiles.d.html */
function configurations(root: string): string[] {
  const chosen = new Map<string, string>();
  for (const directory of ['/etc/tmpfiles.d', '/run/tmpfiles.d', '/usr/lib/tmpfiles.d']) {
    for (const name of namesIn(join(root, directory)))
      if (name.endsWith('.conf') && !chosen.has(name)) chosen.set(name, join(root, directory, name));
  }
  return [...chosen].sort().map(([, file]) => textOfBytes(Buffer.from(file).toString('latin1')));
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(bytesOfText(directory)).sort();
  } catch {
    return [];
  }
}
