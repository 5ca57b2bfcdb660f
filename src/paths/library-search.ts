import { type Elf, elfAt } from './elf.ts';
import { loaderCacheAt, pathsInCache } from './loader-cache.ts';
import { configuredDirectories, linesAt } from './loader-config.ts';
import type { LoaderFile } from './loader-file.ts';
import { processorLevels } from './processor-levels.ts';
import type { Root } from './root.ts';

/** An object that the loader has mapped. */
export interface LoadedObject {
  /** The path under which it was opened. */
  path: string;
  elf: Elf;
  /** The object that asked for it first; undefined for the program. */
  loader: LoadedObject | undefined;
  /** What `$ORIGIN` stands for. */
  origin: string;
}

/**
 * Finds the file for a DT_NEEDED name: its path as the loader would name it, or undefined. LD_LIBRARY_PATH and its kin are not
 * asked: nobody knows the environment of each program of a trace, and what a library path of the environment led to was seen there.
 */
export type LibrarySearch = (
  name: string,
  requester: LoadedObject,
  program: LoadedObject,
) => string | undefined;

/** How a root's glibc searches: https://man7.org/linux/man-pages/man8/ld.so.8.html, and `_dl_map_object` in elf/dl-load.c. */
export function glibcSearch(root: Root, loader: LoaderFile): LibrarySearch {
  const levels = processorLevels();
  const cache = loaderCacheAt(root, loader.cache);
  // Without a cache (an image that has not been started yet) what ldconfig would put there.
  const configured = cache === undefined ? configuredDirectories(root) : [];

  return (name, requester, program) => {
    const fits = (path: string): boolean => isLoadable(root, path, program.elf);
    if (name.includes('/')) {
      // A relative name is taken from the working directory, which is not known.
      const path = expand(name, requester, loader);
      return path?.startsWith('/') && fits(path) ? path : undefined;
    }
    for (const directory of searchPath(requester, program, loader)) {
      const found = candidates(root, directory, name, levels).find(fits);
      if (found !== undefined) return found;
    }
    const isDefault = (path: string): boolean =>
      loader.directories.some((directory) => path === `${directory}/${name}`);
    const cached = cache
      ? pathsInCache(cache, name, program.elf, levels)
      : configured.flatMap((directory) => candidates(root, directory, name, levels));
    for (const path of cached) {
      if (requester.elf.noDefaultDirectories && isDefault(path)) continue;
      if (fits(path)) return path;
    }
    if (requester.elf.noDefaultDirectories) return undefined;
    for (const directory of loader.directories) {
      const found = candidates(root, directory, name, levels).find(fits);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

/** How musl searches (ldso/dynlink.c): RPATH and RUNPATH are the same, and those of all who asked count; there is no cache. */
export function muslSearch(root: Root, loader: LoaderFile, interpreter: string): LibrarySearch {
  const prefix = /^(.*)\/lib\/[^/]*$/s.exec(interpreter)?.[1] ?? '';
  const lines = linesAt(root, `${prefix}${loader.cache}`);
  const directories = lines.length > 0 ? lines.flatMap((line) => line.split(':')) : loader.directories;

  return (name, requester, program) => {
    const fits = (path: string): boolean => isLoadable(root, path, program.elf);
    if (name.includes('/')) return name.startsWith('/') && fits(name) ? name : undefined;
    // The C library is the loader itself, under each of its old names.
    if (/^lib(?:c|pthread|rt|m|dl|util|xnet)\./.test(name)) return interpreter;
    for (let object: LoadedObject | undefined = requester; object !== undefined; object = object.loader) {
      for (const directory of directoriesOf(object.elf.runpath ?? object.elf.rpath, object, loader)) {
        if (fits(join(directory, name))) return join(directory, name);
      }
    }
    for (const directory of directories) {
      if (directory.startsWith('/') && fits(join(directory, name))) return join(directory, name);
    }
    return undefined;
  };
}

/** The directories that objects themselves name: RPATH of all who asked, unless the requester has a RUNPATH, which is its own only. */
function* searchPath(requester: LoadedObject, program: LoadedObject, loader: LoaderFile): Generator<string> {
  if (requester.elf.runpath !== undefined) {
    yield* directoriesOf(requester.elf.runpath, requester, loader);
    return;
  }
  let sawProgram = false;
  for (let object: LoadedObject | undefined = requester; object !== undefined; object = object.loader) {
    yield* directoriesOf(object.elf.rpath, object, loader);
    sawProgram ||= object === program;
  }
  if (!sawProgram) yield* directoriesOf(program.elf.rpath, program, loader);
}

/** The absolute directories of a search path. An empty or relative one means the working directory, which is not known. */
function directoriesOf(path: string | undefined, object: LoadedObject, loader: LoaderFile): string[] {
  if (path === undefined || path === '') return [];
  return path
    .split(':')
    .map((directory) => expand(directory, object, loader))
    .filter((directory) => directory?.startsWith('/') === true) as string[];
}

/** Puts values in for `$ORIGIN`, `$LIB` and `$PLATFORM`; undefined where one has none. */
function expand(text: string, object: LoadedObject, loader: LoaderFile): string | undefined {
  let known = true;
  const expanded = text.replace(
    /\$(?:(ORIGIN|LIB|PLATFORM)|\{(ORIGIN|LIB|PLATFORM)\})/g,
    (_, bare: string | undefined, braced: string | undefined) => {
      const value = tokenValue(bare ?? braced ?? '', object, loader);
      known &&= value !== undefined;
      return value ?? '';
    },
  );
  return known ? expanded : undefined;
}

/** AT_PLATFORM of the machines that have one that does not depend on the processor. */
const platforms: Record<number, string> = { 62: 'x86_64', 183: 'aarch64', 3: 'i686' };

function tokenValue(word: string, object: LoadedObject, loader: LoaderFile): string | undefined {
  if (word === 'ORIGIN') return object.origin;
  if (word === 'PLATFORM') return platforms[object.elf.machine];
  // `lib64` or, with Debian, `lib/x86_64-linux-gnu`: the first default directory without its prefix.
  return /(?:^|\/)(lib[^/]*(?:\/[^/]+)?)$/.exec(loader.directories[0] ?? '')?.[1];
}

/** A library's places in one directory, best first. */
function candidates(root: Root, directory: string, name: string, levels: readonly string[]): string[] {
  const plain = join(directory, name);
  if (levels.length === 0 || root.lookUp(join(directory, 'glibc-hwcaps')).kind !== 'directory')
    return [plain];
  return [...levels.map((level) => join(directory, `glibc-hwcaps/${level}/${name}`)), plain];
}

function join(directory: string, name: string): string {
  return directory.endsWith('/') ? `${directory}${name}` : `${directory}/${name}`;
}

/** The loader passes over files of another class or machine. */
function isLoadable(root: Root, path: string, wanted: Elf): boolean {
  const elf = elfAt(root, path);
  return (
    elf !== undefined &&
    elf.bits === wanted.bits &&
    elf.machine === wanted.machine &&
    elf.bigEndian === wanted.bigEndian
  );
}
