import { readlinkSync } from 'node:fs';
import { bytesOfText, textOfBytes } from '../paths/byte-text.ts';
import { nameOf, parentOf } from '../paths/covering-tree.ts';
import { openRoot, type Root } from '../paths/root.ts';
import { dropInNames, kindOfName, readUnitName, type UnitName, writeUnitName } from './unit-name.ts';
import { readUnitText, type UnitText } from './unit-text.ts';

/** A unit with its drop-ins, as systemd would load it. Paths are path text, seen from the root that was asked. */
export interface InstalledUnit {
  /** Its own name, where it was asked for by an alias. */
  name: string;
  fragment: string;
  /** In the order in which they are read. One that is masked or cannot be read is among them, as systemctl shows it. */
  dropIns: string[];
  /** Every assignment, in the order in which systemd reads them. Empty for a unit that is masked. */
  text: UnitText;
}

/** The units of a root. Directories are read once: open it anew to see changes. */
export interface InstalledUnits {
  /** The names of all unit files, templates and masked ones too; aliases are not among them. */
  names: readonly string[];
  /** What other units, targets above all, ask for by links below `.wants` and `.requires`: what is enabled. */
  wanted: ReadonlySet<string>;
  /** A unit by its name or by an alias; undefined where no unit file goes by that name. Never throws. */
  unit(name: string): InstalledUnit | undefined;
}

/**
 * Where unit files lie, the ones that win first, as `systemd-analyze unit-paths` prints them.
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.unit.html#Unit%20File%20Load%20Path
 */
const unitDirectories = [
  '/etc/systemd/system.control',
  '/run/systemd/system.control',
  '/run/systemd/transient',
  '/run/systemd/generator.early',
  '/etc/systemd/system',
  '/etc/systemd/system.attached',
  '/run/systemd/system',
  '/run/systemd/system.attached',
  '/run/systemd/generator',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
  '/run/systemd/generator.late',
];

/** A unit file is small; what is larger is something else. */
const mostBytes = 4 << 20;

/** Links from alias to alias that systemd follows: src/shared/unit-file.c. */
const mostHops = 16;

/**
 * A unit with all its drop-ins, as the system manager would load them. Nothing is run; the unit need not be loaded.
 * @param root a directory that stands for `/`
 * @throws when `root` is no directory
 */
export function installedUnit(name: string, root = '/'): InstalledUnit | undefined {
  return openUnits(root).unit(name);
}

/**
 * All units that are installed below a root: unit_file_build_name_map() in src/shared/unit-file.c. Each is read once.
 * @param directories where to look, seen from the root; where systemd looks unless given
 * @throws when `root` is no directory
 */
export function openUnits(root = '/', directories: readonly string[] = unitDirectories): InstalledUnits {
  const files = openRoot(root);
  const places = new Map<string, Set<string>>();
  for (const directory of directories) {
    const { real, kind } = files.lookUp(directory);
    if (kind === 'directory' && !places.has(real)) places.set(real, new Set(files.list(real)));
  }
  /** For each name its unit file, or the name that it is an alias of. */
  const found = new Map<string, string>();
  for (const [place, entries] of places) {
    for (const entry of entries) {
      const name = found.has(entry) ? undefined : readUnitName(entry);
      const target = name && targetOf(files, `${place}/${entry}`, name, places);
      if (target !== undefined) found.set(entry, target);
    }
  }
  const aliases = new Map<string, string[]>();
  for (const name of found.keys()) {
    const fragment = fragmentOf(found, name);
    const own = fragment === undefined ? name : nameOf(fragment);
    if (own === name) continue;
    const others = aliases.get(own) ?? [];
    others.push(name);
    aliases.set(own, others);
  }

  function read(name: string): InstalledUnit | undefined {
    const asked = readUnitName(name);
    if (asked === undefined) return undefined;
    const template = kindOfName(asked) === 'instance' ? writeUnitName({ ...asked, instance: '' }) : name;
    const fragment = fragmentOf(found, name) ?? fragmentOf(found, template);
    if (fragment === undefined) return undefined;
    const masked = isMask(files, fragment);
    if (!masked && files.lookUp(fragment).kind === 'missing') return undefined;
    const own = instanceOf(nameOf(fragment), asked);
    const others = [name, ...(aliases.get(nameOf(fragment)) ?? [])]
      .map((alias) => instanceOf(alias, asked))
      .filter(({ instance }) => instance === asked.instance);
    // Which alias wins over another is not said anywhere.
    const names = new Set([writeUnitName(own), ...others.map(writeUnitName).sort()]);
    const dropIns = dropInsOf(files, places, [...names]);
    const text = masked
      ? { lines: [], warnings: [`${fragment}: this unit is masked.`] }
      : readAll(files, [fragment, ...dropIns]);
    return { name: writeUnitName(own), fragment, dropIns, text };
  }

  const known = new Map<string, InstalledUnit | undefined>();
  return {
    names: [...found].filter(([, target]) => target.startsWith('/')).map(([name]) => name),
    wanted: wantedIn(files, places),
    unit(name) {
      if (!known.has(name)) known.set(name, read(name));
      return known.get(name);
    },
  };
}

function wantedIn(files: Root, places: ReadonlyMap<string, Set<string>>): Set<string> {
  const links = [...places].flatMap(([place, entries]) =>
    [...entries]
      .filter((name) => /\.(?:wants|requires|upholds)$/.test(name))
      .map((name) => `${place}/${name}`),
  );
  return new Set(links.flatMap((link) => files.list(files.lookUp(link).real)));
}

/** An alias is a link to a name below one of the directories; any other link is a unit file that lies elsewhere. */
function targetOf(
  files: Root,
  path: string,
  name: UnitName,
  places: ReadonlyMap<string, unknown>,
): string | undefined {
  const { links, kind } = files.lookUp(path);
  if (!links.includes(path)) return kind === 'file' ? path : undefined;
  const link = linkAt(files, path);
  if (link === undefined) return undefined;
  const absolute = link.startsWith('/') ? link : `${parentOf(path)}/${link}`;
  const real = `${files.lookUp(parentOf(absolute)).real}/${nameOf(absolute)}`;
  if (![...places.keys()].some((place) => real.startsWith(`${place}/`))) return path;
  const target = readUnitName(nameOf(real));
  return target !== undefined && mayBeAlias(name, target) ? nameOf(real) : undefined;
}

/** unit_validate_alias_symlink_or_warn() in src/shared/unit-file.c. */
function mayBeAlias(alias: UnitName, target: UnitName): boolean {
  if (alias.type !== target.type) return false;
  if (kindOfName(alias) === 'instance' && kindOfName(target) === 'template') return true;
  return alias.instance === target.instance;
}

function linkAt(files: Root, path: string): string | undefined {
  try {
    const prefix = files.directory === '/' ? '' : files.directory;
    const link = readlinkSync(bytesOfText(prefix + path), { encoding: 'buffer' });
    return textOfBytes(link.toString('latin1')).replace(/(?<=[^/])\/+$/, '');
  } catch {
    return undefined;
  }
}

function fragmentOf(found: ReadonlyMap<string, string>, name: string): string | undefined {
  let target = found.get(name);
  for (let hop = 0; target !== undefined && !target.startsWith('/'); hop++) {
    if (hop === mostHops) return undefined;
    target = found.get(target);
  }
  return target;
}

/** A template's name with the instance that was asked for; any other name as it is. */
function instanceOf(name: string, asked: UnitName): UnitName {
  const parts = readUnitName(name) ?? asked;
  return kindOfName(parts) === 'template' ? { ...parts, instance: asked.instance } : parts;
}

/**
 * The directories of its own name win over those of its aliases, and these over those of its type; within each, `/etc` over `/run`
 * over `/usr`. Of files with the same name the first is taken; then the names alone say the order:
 * unit_file_find_dropin_paths() in src/shared/dropin.c, conf_files_list_strv() in src/basic/conf-files.c.
 */
function dropInsOf(
  files: Root,
  places: ReadonlyMap<string, Set<string>>,
  names: readonly string[],
): string[] {
  const chosen = new Map<string, string>();
  const parts = names.flatMap((name) => readUnitName(name) ?? []);
  const groups = [...parts.map((name) => [...dropInNames(name)]), [parts[0]?.type ?? '']];
  for (const group of groups) {
    for (const [place, entries] of places) {
      for (const directory of group.map((name) => `${name}.d`)) {
        if (!entries.has(directory)) continue;
        const { real } = files.lookUp(`${place}/${directory}`);
        for (const entry of files.list(real)) {
          if (!entry.endsWith('.conf') || entry.startsWith('.') || chosen.has(entry)) continue;
          chosen.set(entry, `${real}/${entry}`);
        }
      }
    }
  }
  return [...chosen]
    .sort(([one], [other]) => Buffer.compare(bytesOfText(one), bytesOfText(other)))
    .map(([, path]) => path);
}

/** A link to /dev/null, or an empty file. */
function isMask(files: Root, path: string): boolean {
  const { real, kind } = files.lookUp(path);
  if (real === '/dev/null' || kind === 'character') return true;
  return kind === 'file' && files.withFile(path, ({ size }) => size) === 0;
}

function readAll(files: Root, paths: readonly string[]): UnitText {
  const all: UnitText = { lines: [], warnings: [] };
  for (const path of paths) {
    if (isMask(files, path)) continue;
    const bytes = files.withFile(path, ({ size, read }) => (size > mostBytes ? undefined : read(0, size)));
    if (bytes === undefined) {
      all.warnings.push(
        `${path}: this file cannot be read, or is over 4 MiB: nothing is known of what it says.`,
      );
      continue;
    }
    const { lines, warnings } = readUnitText(bytes, path);
    for (const line of lines) all.lines.push(line);
    for (const warning of warnings) all.warnings.push(warning);
  }
  return all;
}
