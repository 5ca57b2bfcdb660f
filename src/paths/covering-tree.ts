/**
 * Questions about absolute paths as text alone; no file system is asked. Paths are as `Root.lookUp` gives them: they begin with
 * `/`, have no `.`, `..`, empty components, or slash at the end (but `/` itself).
 */

/** The directory that holds a path; `/` is its own parent, as in the kernel. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}

/** The last component of a path; empty for `/`. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Whether a path is inside a directory, at any depth. A path is not below itself: `/ab` and `/a` are not below `/a`. */
export function isBelow(path: string, directory: string): boolean {
  if (directory === '/') return path.length > 1 && path.startsWith('/');
  return path.length > directory.length && path[directory.length] === '/' && path.startsWith(directory);
}

/** Whether a path is that place, or inside it. */
export function covers(place: string, path: string): boolean {
  return place === path || isBelow(path, place);
}

/** The deepest path that is, or holds, both. */
export function commonAncestor(a: string, b: string): string {
  const shorter = Math.min(a.length, b.length);
  let lastSlash = 0;
  let at = 0;
  for (; at < shorter && a[at] === b[at]; at++) if (a[at] === '/') lastSlash = at;
  const aEnds = at === a.length && (at === b.length || b[at] === '/');
  const bEnds = at === b.length && (at === a.length || a[at] === '/');
  if ((aEnds || bEnds) && at > 0) return a.slice(0, at);
  return lastSlash === 0 ? '/' : a.slice(0, lastSlash);
}

/** The directories that hold a path, nearest first, `/` last; none for `/`. */
export function* ancestorsOf(path: string): Generator<string> {
  for (let at = path; at !== '/' && at !== ''; ) {
    at = parentOf(at);
    yield at;
  }
}

/** The smallest part of `paths` that covers them all: what is below another one is left out. Sorted by code unit, each once. */
export function coveringTree(paths: Iterable<string>): string[] {
  const all = new Set(paths);
  const covered = (path: string): boolean => {
    for (const ancestor of ancestorsOf(path)) if (all.has(ancestor)) return true;
    return false;
  };
  return [...all].filter((path) => !covered(path)).sort();
}
