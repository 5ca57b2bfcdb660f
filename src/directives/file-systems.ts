import { readFileSync } from 'node:fs';
import { ancestorsOf } from '../paths/covering-tree.ts';

/** A place where the same kinds of file systems lie on every system. */
export interface MountedKind {
  readonly path: string;
  /** More than one where systems differ. */
  readonly kinds: readonly string[];
  /** What somebody finds there, where it is worth closing. */
  readonly closes: string | undefined;
}

interface FileSystemTable {
  source: string;
  sets: Record<string, string>;
  others: string;
  alike: string[];
  places: { path: string; types: string; closes?: string }[];
}

/** Kinds of file systems as RestrictFileSystems= names them. */
export class FileSystems {
  readonly places: readonly MountedKind[];
  readonly #sets: ReadonlyMap<string, readonly string[]>;
  readonly #alike: readonly (readonly string[])[];
  readonly #byPath: ReadonlyMap<string, MountedKind>;

  constructor({ sets, others, alike, places }: FileSystemTable) {
    const known = Object.entries(sets).map(([name, kinds]) => [name, kinds.split(' ')] as const);
    const all = [...known.flatMap(([, kinds]) => kinds), ...others.split(' ')];
    this.#sets = new Map([...known, ['@known', all]]);
    this.#alike = alike.map((kinds) => kinds.split(' '));
    this.places = places.map(({ path, types, closes }) => ({ path, kinds: types.split(' '), closes }));
    this.#byPath = new Map(this.places.map((place) => [place.path, place]));
  }

  /** Whether a word is a set, or a kind that the kernel has somewhere. */
  knows(word: string): boolean {
    return this.#sets.has(word) || this.#sets.get('@known')?.includes(word) === true;
  }

  /** The kinds that a word stands for. The kernel is told numbers, so those come with it that have the same one. */
  kindsOf(word: string): readonly string[] {
    const named = word.startsWith('@') ? (this.#sets.get(word) ?? []) : [word];
    return named.flatMap((kind) => this.#alike.find((kinds) => kinds.includes(kind)) ?? [kind]);
  }

  /** Of which kind the file system is at a path; undefined where it lies on a disk, or on whatever else there is. */
  at(path: string): readonly string[] | undefined {
    for (const place of [path, ...ancestorsOf(path)]) {
      const known = this.#byPath.get(place);
      if (known !== undefined) return known.kinds;
    }
    return undefined;
  }

  /** Whether a kind is the kernel's own: nothing on a disk is. */
  isOfKernel(kind: string): boolean {
    return kernelSets.some((set) => this.#sets.get(set)?.includes(kind) === true);
  }
}

const kernelSets = ['@basic-api', '@anonymous', '@auxiliary-api', '@privileged-api', '@security'];

let known: FileSystems | undefined;

export function fileSystems(): FileSystems {
  known ??= new FileSystems(
    JSON.parse(readFileSync(new URL('./data/file-systems.json', import.meta.url), 'utf8')) as FileSystemTable,
  );
  return known;
}
