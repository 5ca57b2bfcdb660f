import { ownRoots } from '../directives/own-directories.ts';
import { execCommands } from '../systemd/exec-commands.ts';
import type { Machine } from '../systemd/machine.ts';
import { olderNames } from '../systemd/service-keys.ts';
import { expandSpecifiers } from '../systemd/unit-specifiers.ts';
import { readUnitText, type UnitLine } from '../systemd/unit-text.ts';
import { bindOf, wordsOf } from '../systemd/unit-words.ts';
import type { Prober } from './prober.ts';

/** Whose place the probe takes. Paths are seen from the machine. */
export interface Target {
  /** `nginx.service`, without aliases. */
  unit: string;
  fragment: string;
  /** What stands before the program in ExecStart=: `!`, `+` … */
  prefix: string;
  program: string;
  /** The file behind the program's name; undefined where that lies in another file tree (RootDirectory= and its kin). */
  real: string | undefined;
  /** Where the unit says that the daemon may write. */
  places: string[];
}

const searchPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/**
 * Finds out what a unit starts: of several ExecStart= lines the last, which is the one that stays. The machine's own systemd and
 * tools are asked, for its files are not seen from outside as they are seen inside.
 * @throws when the machine has no such unit, or it starts nothing that the probe could stand for
 */
export async function targetOf(machine: Machine, prober: Prober, name: string): Promise<Target> {
  const text = await prober.systemctl(['cat', '--', name]);
  if (text.exitCode !== 0)
    throw new Error(
      `There is no unit ${name} in the machine: is it installed? (${text.stderr.split('\n')[0]})`,
    );
  const shown = await prober.systemctl(['show', '-p', 'Id,FragmentPath', '--', name]);
  const unit = /^Id=(.*)$/m.exec(shown.stdout)?.[1] ?? name;
  const fragment = /^FragmentPath=(.*)$/m.exec(shown.stdout)?.[1] ?? '';
  const { lines } = readUnitText(Buffer.from(text.stdout), name);
  const command = execCommands(lines, unit)
    .filter(({ key }) => key === 'ExecStart')
    .at(-1);
  if (command === undefined)
    throw new Error(`${unit} has no ExecStart=: there is no daemon whose place the probe could take.`);
  const { program } = command;
  // `@` would want another word, `:` is about variables.
  const prefix = command.prefix.replace(/[@:]/g, '');
  const target = { unit, fragment, prefix, places: placesOf(lines, unit) };
  const other = lines.findLast(
    ({ key, text }) => /^Root(?:Directory|Image|MStack)$/.test(key) && text !== '',
  );
  if (other !== undefined) {
    if (!/^\/[\w@.,+=/-]+$/.test(program))
      throw new Error(
        `${unit} sets ${other.key}= and starts ${JSON.stringify(program)}: in another file tree only a full, plain path can be told.`,
      );
    return { ...target, program, real: undefined };
  }
  const candidates = program.startsWith('/')
    ? [program]
    : searchPath.map((directory) => `${directory}/${program}`);
  for (const candidate of candidates) {
    const { exitCode, stdout } = await machine.run(['realpath', '-e', '--', candidate]);
    if (exitCode === 0) return { ...target, program: candidate, real: stdout };
  }
  throw new Error(`${program}, which ${unit} starts, is not in the machine.`);
}

const ownDirectories: Readonly<Record<string, string>> = ownRoots;

/** As systemd merges them: an empty assignment takes back what was before it. */
function placesOf(lines: readonly UnitLine[], name: string): string[] {
  const places = new Map<string, string[]>();
  for (const { section, key: written, text: value } of lines) {
    if (section !== 'Service') continue;
    const key = olderNames.get(written) ?? written;
    const parent = ownDirectories[key];
    if (parent !== undefined) {
      const words = wordsOf(value, 'plain', { unit: name }).words.map(
        (word) => `${parent}/${(expandSpecifiers(word, name) ?? word).replace(/:.*/, '')}`,
      );
      places.set(key, value === '' ? [] : [...(places.get(key) ?? []), ...words]);
    } else if (key === 'ReadWritePaths') {
      const words = wordsOf(value, 'paths', { unit: name }).words.map((word) => word.replace(/^[-+]+/, ''));
      places.set(key, value === '' ? [] : [...(places.get(key) ?? []), ...words]);
    } else if (key === 'BindPaths') {
      const words = wordsOf(value, 'binds', { unit: name }).words.map((word) => bindOf(word).destination);
      places.set(key, value === '' ? [] : [...(places.get(key) ?? []), ...words]);
    } else if (key === 'TemporaryFileSystem') {
      const words = wordsOf(value, 'tmpfs', { unit: name }).words.map((word) => word.replace(/:.*/, ''));
      places.set(key, value === '' ? [] : [...(places.get(key) ?? []), ...words]);
    }
  }
  return [...new Set([...places.values()].flat())];
}
