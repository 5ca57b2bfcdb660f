/**
 * Bounds a profile. A daemon may make a new temporary name for every request, and memory must not grow with them: of each
 * directory only so many names are kept apart, what comes after counts for the directory itself.
 */

/** Names of one directory that are kept apart. */
export const mostNames = 2000;
/** Names of all directories together. */
export const mostPaths = 200_000;

type Directory = Map<string, Directory>;

export class PathNamesKept {
  readonly #root: Directory = new Map();
  #size = 0;

  /** The path itself where there is room for it, else the deepest directory on its way that is kept. Takes the room. */
  keep(path: string): string {
    let directory = this.#root;
    let from = 1;
    while (from <= path.length) {
      const slash = path.indexOf('/', from);
      const end = slash < 0 ? path.length : slash;
      const name = path.slice(from, end);
      const known = directory.get(name);
      if (known === undefined) {
        if (directory.size >= mostNames || this.#size >= mostPaths) return path.slice(0, from - 1) || '/';
        const fresh: Directory = new Map();
        directory.set(name, fresh);
        this.#size++;
        directory = fresh;
      } else directory = known;
      from = end + 1;
    }
    return path;
  }
}
