import { table, words } from './table.ts';

interface ArchitectureTable {
  architectures: string;
  on: Record<string, string>;
  since: Record<string, { date: string; names: string }>;
}

/** What the kernel (uname -m), Debian, node and strace call an architecture → systemd's word (SystemCallArchitectures=). */
const aliases: Record<string, string> = {
  x86_64: 'x86-64',
  amd64: 'x86-64',
  x64: 'x86-64',
  i386: 'x86',
  i486: 'x86',
  i586: 'x86',
  i686: 'x86',
  ia32: 'x86',
  aarch64: 'arm64',
  armhf: 'arm',
  armel: 'arm',
  armv6l: 'arm',
  armv7l: 'arm',
  armv8l: 'arm',
  ppc64le: 'ppc64',
  ppc64el: 'ppc64',
  'ppc64-le': 'ppc64',
  loong64: 'loongarch64',
  mipsel: 'mips',
  'mips-le': 'mips',
  mips64el: 'mips64',
  'mips64-le': 'mips64',
  'mips64-le-n32': 'mips64-n32',
  'parisc-64': 'parisc64',
};

let where: Map<string, Set<string>> | undefined;

/** Call → the architectures that have it, as libseccomp's src/syscalls.csv says. */
function placesOf(): Map<string, Set<string>> {
  if (where !== undefined) return where;
  const { architectures, on } = table<ArchitectureTable>('architectures');
  where = new Map();
  for (const [places, names] of Object.entries(on)) {
    const set = new Set(words(places === '*' ? architectures : places));
    for (const name of words(names)) where.set(name, set);
  }
  return where;
}

/** systemd's word for an architecture, however it was written; an unheard-of one comes back as it was. */
export function architectureOf(name: string): string {
  return Object.hasOwn(aliases, name) ? (aliases[name] ?? name) : name;
}

/** Every call of every architecture. */
export function allCalls(): string[] {
  return [...placesOf().keys()];
}

/**
 * Whether an architecture has a call. For an architecture that the table lacks: whether any has it.
 * Calls inside socketcall(2) and ipc(2) count as there: libseccomp filters them by their own names.
 */
export function existsOn(architecture: string, name: string): boolean {
  const places = placesOf().get(name);
  if (places === undefined) return false;
  const word = architectureOf(architecture);
  return places.has(word) || !words(table<ArchitectureTable>('architectures').architectures).includes(word);
}

/** Calls of an architecture, see `existsOn`. */
export function callsOf(architecture: string): Set<string> {
  return new Set(allCalls().filter((name) => existsOn(architecture, name)));
}

/** Names that a libseccomp of this release (`2.5.4`) resolves; those of the oldest release in the table for anything older. */
export function resolvedBy(release: string): Set<string> {
  const { since } = table<ArchitectureTable>('architectures');
  const names = Object.entries(since).flatMap(([each, { names }], index) =>
    index === 0 || compareReleases(each, release) <= 0 ? words(names) : [],
  );
  return new Set(names);
}

/** The libseccomp that was the newest on a day (`2022-10-31`). */
export function releaseAt(date: string): string {
  const { since } = table<ArchitectureTable>('architectures');
  const releases = Object.keys(since).sort(compareReleases);
  return releases.filter((each) => (since[each]?.date ?? '') <= date).at(-1) ?? releases[0] ?? '0';
}

function compareReleases(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number));
  for (let index = 0; index < 3; index++) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
