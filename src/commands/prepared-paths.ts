import { existsSync, readFileSync } from 'node:fs';
import { bytesOfText, textOfBytes } from '../paths/byte-text.ts';
import { nameOf } from '../paths/covering-tree.ts';
import { normalPath } from '../paths/root.ts';
import { eachOnce } from '../profile/merge.ts';
import type { Profile } from '../profile/profile.ts';
import { wordsOf } from '../systemd/unit-words.ts';
import { ownerText } from './owner-text.ts';
import type { PackageFiles } from './package-listing.ts';

type Prepared = NonNullable<Profile['prepared'][string]>[number];

/** Lines that make something. The rest (e, z, r, w …) is about what is already there. */
const kinds: Readonly<Record<string, Prepared['kind']>> = {
  d: 'directory',
  D: 'directory',
  v: 'directory',
  q: 'directory',
  Q: 'directory',
  f: 'file',
  F: 'file',
  p: 'fifo',
  L: 'link',
  C: 'copy',
};
const specifiers: Readonly<Record<string, string>> = {
  t: '/run',
  S: '/var/lib',
  C: '/var/cache',
  L: '/var/log',
  T: '/tmp',
  V: '/var/tmp',
  '%': '%',
};
/** A file of the same name further up wins. */
const overriding = ['/etc/tmpfiles.d', '/run/tmpfiles.d', '/usr/lib/tmpfiles.d'];

/**
 * What systemd-tmpfiles makes below /run and /var at boot for packages: it is there after a reboot although the daemon doesn't
 * make it. https://www.freedesktop.org/software/systemd/man/latest/tmpfiles.d.html
 */
export function preparedPaths(
  files: PackageFiles,
  directories: readonly string[] = overriding,
): Record<string, Prepared[]> {
  const found = new Map<string, Prepared[]>();
  for (const [name, paths] of files) {
    for (const path of paths.filter((each) => /\/tmpfiles\.d\/[^/]+\.conf$/.test(each))) {
      const [file, text] = effective(nameOf(path), directories);
      for (const line of text.split('\n')) {
        const made = readLine(line);
        if (made === undefined) continue;
        const entry = { kind: made.kind, owner: made.owner, by: `${file} of ${name}` };
        found.set(made.path, [...(found.get(made.path) ?? []), entry]);
      }
    }
  }
  return Object.fromEntries([...found].sort().map(([path, entries]) => [path, eachOnce(entries)]));
}

function effective(name: string, directories: readonly string[]): [file: string, text: string] {
  for (const directory of directories) {
    const file = `${directory}/${name}`;
    if (existsSync(bytesOfText(file))) return [file, textOf(file)];
  }
  return ['', ''];
}

function readLine(line: string): { path: string; kind: Prepared['kind']; owner: string } | undefined {
  if (/^\s*(?:#|$)/.test(line)) return undefined;
  const [type = '', named = '', mode = '-', user = '-', group = '-'] = wordsOf(line, 'plain').words;
  const kind = kinds[type.charAt(0)];
  const path = withoutSpecifiers(named);
  if (kind === undefined || path === undefined) return undefined;
  const real = normalPath(path).replace(/^\/var\/run(?=\/)/, '/run');
  if (!/^\/(?:run|var)\/./.test(real)) return undefined;
  const usual = kind === 'directory' ? '0755' : '0644';
  // `~` takes the mode of what is there into account, `:` is for new files alone.
  const bits = mode.replace(/^[~:]+/, '');
  const [owner, members] = [user, group].map((word) => word.replace(/^:/, ''));
  return {
    path: real,
    kind,
    owner: ownerText(given(owner, 'root'), given(members, 'root'), given(bits, usual)),
  };
}

function given(word: string | undefined, usual: string): string {
  return word === undefined || word === '-' || word === '' ? usual : word;
}

/** What lines of these files make; they are read as they are, whatever else has their name. */
export function* preparedBy(files: readonly string[]): Generator<[path: string, Prepared]> {
  for (const file of files) {
    for (const line of textOf(file).split('\n')) {
      const made = readLine(line);
      if (made !== undefined) yield [made.path, { kind: made.kind, owner: made.owner, by: nameOf(file) }];
    }
  }
}

function textOf(file: string): string {
  try {
    return textOfBytes(readFileSync(bytesOfText(file), 'latin1'));
  } catch {
    return '';
  }
}

/** Undefined where a specifier stands for something that differs by host or user, or where it is no path. */
function withoutSpecifiers(path: string): string | undefined {
  let isKnown = path.startsWith('/') || path.startsWith('%');
  const plain = path.replace(/%(.?)/g, (_, letter: string) => {
    const meaning = specifiers[letter];
    if (meaning === undefined) isKnown = false;
    return meaning ?? '';
  });
  return isKnown && plain.startsWith('/') ? plain : undefined;
}
