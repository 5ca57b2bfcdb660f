import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { bytesOfText, hasLoneByte, textOfBytes } from './byte-text.ts';
import { parentOf } from './covering-tree.ts';

export type PathKind = 'file' | 'directory' | 'socket' | 'fifo' | 'character' | 'block' | 'missing';

/** Where a path leads. */
export interface LookUp {
  /** Every link on the way followed; a missing tail is appended as text, as `realpath -m` does. */
  real: string;
  kind: PathKind;
  /** Owner, group and permission bits in octal, `0:0:0755`; undefined where the path is missing. */
  owner: string | undefined;
  /** Each link that was followed, as a real directory and the link's name: `/var/run`. In the order of the walk. */
  links: readonly string[];
  /** We were not allowed to look there: `kind` is `missing` for want of knowledge. */
  denied: boolean;
}

/** A regular file that is open. Reading never throws: what cannot be read is not there. */
export interface RegularFile {
  readonly size: number;
  /** At most `length` bytes from `offset`; fewer where the file ends. */
  read(offset: number, length: number): Buffer;
}

/** A file system in which facts are looked up. Answers are remembered: open a new one to see changes. */
export interface Root {
  /** The directory that stands for `/`. */
  readonly directory: string;
  /** Where an absolute path leads. Never throws; a relative path is taken from `/`. */
  lookUp(path: string): LookUp;
  /** Calls `use` with the regular file at a path; undefined where there is none that we may read. */
  withFile<T>(path: string, use: (file: RegularFile) => T): T | undefined;
  /** The names in a directory, sorted; empty where it is none or cannot be read. */
  list(path: string): string[];
}

/** PATH_MAX and MAXSYMLINKS of the kernel (include/uapi/linux/limits.h, include/linux/namei.h). */
const longestPath = 4096;
const mostLinks = 40;
/** A log may name any number of paths; what is remembered stays bounded. */
const mostRemembered = 200_000;
const longestRead = 4 << 20;

interface Entry {
  kind: PathKind | 'link';
  target: string;
  owner: string | undefined;
  denied: boolean;
}

const nothing: Entry = { kind: 'missing', target: '', owner: undefined, denied: false };
const hidden: Entry = { ...nothing, denied: true };

/**
 * A file system to look facts up in: `/`, or a directory that holds one. Paths in and out are path text (byte-text.ts), and are
 * followed as after chroot(2): absolute links and `..` stay inside. Nothing is ever run.
 * Throws an Error of one sentence when `directory` is no directory.
 */
export function openRoot(directory: string): Root {
  const base = realDirectory(directory);
  const prefix = base === '/' ? '' : base;
  const entries = new Map<string, Entry>();
  const answers = new Map<string, LookUp>();
  let shown: string | undefined;

  function entryAt(real: string): Entry {
    const known = entries.get(real);
    if (known !== undefined) return known;
    if (entries.size >= mostRemembered) entries.clear();
    const entry = readEntry(prefix + real);
    entries.set(real, entry);
    return entry;
  }

  function lookUp(path: string): LookUp {
    const known = answers.get(path);
    if (known !== undefined) return known;
    if (answers.size >= mostRemembered) answers.clear();
    const answer = followPath(path, entryAt, base === '/');
    answers.set(path, answer);
    return answer;
  }

  return {
    directory: base,
    lookUp,
    withFile(path, use) {
      const { real, kind } = lookUp(path);
      if (kind !== 'file') return undefined;
      shown ??= base === '/' ? '' : shownName(base);
      return withRegularFile(prefix + real, base === '/' ? undefined : shown + real, use);
    },
    list(path) {
      const { real, kind } = lookUp(path);
      if (kind !== 'directory') return [];
      try {
        return readdirSync(systemPath(prefix + real), { encoding: 'buffer' })
          .map((name) => textOfBytes(name.toString('latin1')))
          .sort();
      } catch {
        return [];
      }
    },
  };
}

/** A path without `.`, `..`, doubled slashes and a slash at the end, by its text alone: links are not asked about. */
export function normalPath(path: string): string {
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') kept.pop();
    else if (part !== '' && part !== '.') kept.push(part);
  }
  return `/${kept.join('/')}`;
}

/** The walk of https://man7.org/linux/man-pages/man7/path_resolution.7.html, but going on in text where the kernel gives up. */
function followPath(path: string, entryAt: (real: string) => Entry, ownProcesses: boolean): LookUp {
  const unresolved: LookUp = {
    real: normalPath(path),
    kind: 'missing',
    owner: undefined,
    links: [],
    denied: false,
  };
  if (path === '' || path.length > longestPath || path.includes('\0')) return unresolved;

  const ahead = partsOf(path);
  const links: string[] = [];
  let here = '/';
  let entry: Entry = entryAt('/');
  let gone = false;
  let denied = false;
  while (ahead.length > 0) {
    const part = ahead.pop() as string;
    if (entry.kind !== 'directory') gone = true;
    if (part === '.') continue;
    if (part === '..') {
      here = parentOf(here);
      entry = entryAt(here);
      continue;
    }
    const next = here === '/' ? `/${part}` : `${here}/${part}`;
    entry = entry.kind === 'directory' ? entryAt(next) : nothing;
    denied ||= entry.denied;
    if (entry.kind !== 'link') {
      here = next;
      continue;
    }
    const perProcess = perProcessLink(here, part);
    if (perProcess !== undefined) {
      here = next;
      const known = ownProcesses && (here === `/proc/${part}` || ahead.length === 0);
      entry = known ? { ...nothing, kind: perProcess } : nothing;
      continue;
    }
    links.push(next);
    if (links.length > mostLinks) return unresolved;
    if (entry.target.startsWith('/')) here = '/';
    for (const step of partsOf(entry.target)) ahead.push(step);
    entry = entryAt(here);
  }
  const missing = gone || entry.kind === 'missing' || entry.kind === 'link';
  return {
    real: here,
    kind: missing ? 'missing' : (entry.kind as PathKind),
    owner: missing ? undefined : entry.owner,
    links,
    denied: denied && missing,
  };
}

/**
 * Links of procfs that lead elsewhere for each process that follows them: ours would be the wrong answer, so they stay as they are
 * named (`/proc/mounts` is `/proc/self/mounts`). Gives what kind of thing such a link leads to, `missing` where that varies.
 * https://man7.org/linux/man-pages/man5/proc_pid.5.html
 */
function perProcessLink(directory: string, name: string): PathKind | undefined {
  if (directory === '/proc') return name === 'self' || name === 'thread-self' ? 'directory' : undefined;
  if (!/^\/proc\/(?:self|thread-self|[0-9]+)(?:\/|$)/.test(directory)) return undefined;
  if (name === 'exe') return 'file';
  return name === 'cwd' || name === 'root' ? 'directory' : 'missing';
}

/** The components of a path, last first. A slash at the end asks for a directory, as `/.` does. */
function partsOf(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '');
  if (path.endsWith('/')) parts.push('.');
  return parts.reverse();
}

function readEntry(path: string): Entry {
  try {
    const name = systemPath(path === '' ? '/' : path);
    const stats = lstatSync(name, { throwIfNoEntry: false });
    if (stats === undefined) return nothing;
    if (stats.isSymbolicLink()) {
      const target = readlinkSync(name, { encoding: 'buffer' });
      return {
        kind: 'link',
        target: textOfBytes(target.toString('latin1')),
        owner: undefined,
        denied: false,
      };
    }
    return { kind: kindOf(stats), target: '', owner: ownerOf(stats), denied: false };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EACCES' || code === 'EPERM' ? hidden : nothing;
  }
}

function kindOf(stats: Stats): PathKind {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSocket()) return 'socket';
  if (stats.isFIFO()) return 'fifo';
  if (stats.isCharacterDevice()) return 'character';
  return stats.isBlockDevice() ? 'block' : 'missing';
}

function ownerOf(stats: Stats): string {
  return `${stats.uid}:${stats.gid}:${(stats.mode & 0o7777).toString(8).padStart(4, '0')}`;
}

function systemPath(text: string): string | Buffer {
  return hasLoneByte(text) ? bytesOfText(text) : text;
}

function realDirectory(directory: string): string {
  let stats: Stats | undefined;
  let real: string | undefined;
  try {
    real = textOfBytes(realpathSync(systemPath(directory), { encoding: 'buffer' }).toString('latin1'));
    stats = lstatSync(systemPath(real));
    // /proc/N/root and /proc/N/fd/N lead where no text of a link does: to the files of another namespace.
    const meant = statSync(systemPath(directory));
    if (meant.dev !== stats.dev || meant.ino !== stats.ino) {
      real = directory;
      stats = meant;
    }
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new Error(`Cannot look files up in ${directory} (${why}): name a directory that can be read.`);
  }
  if (!stats.isDirectory()) {
    throw new Error(`Cannot look files up in ${directory}: it is no directory; name one that can be read.`);
  }
  return real;
}

/**
 * Opens without waiting (a FIFO that took the file's place) and without following a last link. Another process may have swapped a
 * directory for a link since the look-up: inside a root of its own, the kernel is asked which file it really opened.
 */
function withRegularFile<T>(
  path: string,
  expected: string | undefined,
  use: (file: RegularFile) => T,
): T | undefined {
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW, O_NOCTTY } = constants;
  let descriptor: number;
  try {
    descriptor = openSync(systemPath(path), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY);
  } catch {
    return undefined;
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return undefined;
    if (expected !== undefined && !isOpenAs(descriptor, expected)) return undefined;
    return use({
      size: stats.size,
      read: (offset, length) =>
        readAt(descriptor, offset, Math.min(length, stats.size - offset, longestRead)),
    });
  } finally {
    closeSync(descriptor);
  }
}

/** How the kernel names a directory of ours; that of another namespace (`/proc/N/root`) it names as seen from there. */
function shownName(directory: string): string {
  const { O_RDONLY, O_DIRECTORY } = constants;
  let descriptor: number;
  try {
    descriptor = openSync(systemPath(directory), O_RDONLY | O_DIRECTORY);
  } catch {
    return directory;
  }
  try {
    const name = readlinkSync(`/proc/self/fd/${descriptor}`, { encoding: 'buffer' }).toString('latin1');
    return name === '/' ? '' : textOfBytes(name);
  } catch {
    return directory;
  } finally {
    closeSync(descriptor);
  }
}

function isOpenAs(descriptor: number, path: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`, { encoding: 'buffer' }).equals(bytesOfText(path));
  } catch {
    return false;
  }
}

function readAt(descriptor: number, offset: number, length: number): Buffer {
  if (!(offset >= 0 && length > 0)) return Buffer.alloc(0);
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  try {
    while (filled < length) {
      const count = readSync(descriptor, bytes, filled, length - filled, offset + filled);
      if (count === 0) break;
      filled += count;
    }
  } catch {
    // What was read before the error stands.
  }
  return bytes.subarray(0, filled);
}
