import { parentOf } from './covering-tree.ts';
import { type Elf, elfAt } from './elf.ts';
import { glibcSearch, type LibrarySearch, type LoadedObject, muslSearch } from './library-search.ts';
import { linesAt } from './loader-config.ts';
import { type LoaderFile, loaderFileAt, usualLoader } from './loader-file.ts';
import type { Root } from './root.ts';

/** What the dynamic loader opens for a program or a library: what ldd would print. */
export interface LibraryClosure {
  /** The loader, as PT_INTERP names it; for a library, which names none, the usual one of its machine. Undefined: static. */
  interpreter: string | undefined;
  /** In the order of loading: each name asked for, and the path under which it is opened; undefined where none is found. */
  libraries: ReadonlyMap<string, string | undefined>;
}

/** More than any program has; a hostile set of files could name each other without end. */
const mostObjects = 10_000;

const searches = new WeakMap<Root, Map<string, LibrarySearch>>();

/**
 * The libraries that a program (or a library that is loaded at run time) needs, found as the loader would, by reading ELF files;
 * nothing is run. Undefined where `program` is no ELF file. Never throws.
 */
export function libraryClosure(root: Root, program: string): LibraryClosure | undefined {
  const { real } = root.lookUp(program);
  const elf = elfAt(root, real);
  if (elf === undefined) return undefined;
  const libraries = new Map<string, string | undefined>();
  const interpreter = elf.interpreter ?? (elf.needed.length > 0 ? usualLoader(root, elf) : undefined);
  if (interpreter === undefined) {
    for (const name of elf.needed) libraries.set(name, undefined);
    return { interpreter: undefined, libraries };
  }
  const loader = loaderFileAt(root, interpreter);
  const search = searchOf(root, loader, interpreter);
  // The kernel tells the loader the program's real path; a library is known by the path under which it was opened.
  const main: LoadedObject = { path: real, elf, loader: undefined, origin: parentOf(real) };
  load(root, main, { path: interpreter, elf: elfAt(root, interpreter) }, loader, search, libraries);
  return { interpreter, libraries };
}

/** Breadth first, as `_dl_map_object_deps` in glibc's elf/dl-deps.c goes. */
function load(
  root: Root,
  main: LoadedObject,
  interpreter: { path: string; elf: Elf | undefined },
  loader: LoaderFile,
  search: LibrarySearch,
  libraries: Map<string, string | undefined>,
): void {
  // A name that an object was loaded under, or (glibc) that it gives itself, is not searched for again.
  const byName = new Map<string, string>();
  const byFile = new Map<string, string>();
  const knows = (path: string, elf: Elf | undefined): void => {
    byFile.set(root.lookUp(path).real, path);
    if (loader.family === 'glibc' && elf?.soname !== undefined && !byName.has(elf.soname))
      byName.set(elf.soname, path);
    if (!byName.has(path)) byName.set(path, path);
  };
  knows(main.path, main.elf);
  knows(interpreter.path, interpreter.elf);

  const queue: LoadedObject[] = [];
  const request = (name: string, requester: LoadedObject): void => {
    const known = byName.get(name);
    if (known !== undefined) {
      if (known !== main.path) libraries.set(name, known);
      return;
    }
    const found = search(name, requester, main);
    const elf = found === undefined ? undefined : elfAt(root, found);
    if (found === undefined || elf === undefined) {
      libraries.set(name, undefined);
      return;
    }
    const same = byFile.get(root.lookUp(found).real);
    byName.set(name, same ?? found);
    libraries.set(name, same ?? found);
    if (same !== undefined) return;
    knows(found, elf);
    if (queue.length < mostObjects)
      queue.push({ path: found, elf, loader: requester, origin: parentOf(found) });
  };

  if (loader.preload !== '') {
    const preloaded = linesAt(root, loader.preload).flatMap((line) => line.split(/[ \t:]+/));
    for (const name of preloaded) if (name !== '') request(name, main);
  }
  for (const name of main.elf.needed) request(name, main);
  for (let i = 0; i < queue.length; i++) {
    const object = queue[i] as LoadedObject;
    for (const name of object.elf.needed) request(name, object);
  }
}

function searchOf(root: Root, loader: LoaderFile, interpreter: string): LibrarySearch {
  let known = searches.get(root);
  if (known === undefined) {
    known = new Map();
    searches.set(root, known);
  }
  let search = known.get(interpreter);
  if (search === undefined) {
    search = loader.family === 'musl' ? muslSearch(root, loader, interpreter) : glibcSearch(root, loader);
    known.set(interpreter, search);
  }
  return search;
}
