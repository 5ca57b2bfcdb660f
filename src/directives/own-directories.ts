import { isBelow, nameOf, parentOf } from '../paths/covering-tree.ts';
import type { Act } from '../profile/acts.ts';
import type { Profile } from '../profile/profile.ts';
import type { Grant } from './grant.ts';

/**
 * Directories that systemd makes for a unit before it starts, where they lie, and since when. Not /etc: what
 * ConfigurationDirectory= makes belongs to root whatever the unit's user is.
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#RuntimeDirectory=
 */
export const ownRoots = {
  RuntimeDirectory: '/run',
  StateDirectory: '/var/lib',
  CacheDirectory: '/var/cache',
  LogsDirectory: '/var/log',
  ConfigurationDirectory: '/etc',
} as const;
export type OwnRoot = keyof typeof ownRoots;

export interface OwnDirectory {
  directive: OwnRoot;
  /** `/run/foo` */
  path: string;
  /** Permission bits in octal, which systemd sets anew at each start: `0750`. */
  mode: string;
  grant: Grant;
}

/** The directive that could make a directory; undefined where it lies elsewhere, or deeper, or has a name that needs quotes. */
export function ownRootOf(path: string): OwnRoot | undefined {
  if (!/^[\w@.+-]+$/.test(nameOf(path)) || nameOf(path).startsWith('.')) return undefined;
  const roots = Object.entries(ownRoots) as [OwnRoot, string][];
  return roots.find(([, root]) => root === parentOf(path))?.[0];
}

/** Making it again is answered with EEXIST, which a daemon knows from its second start; anything else about its name is not. */
const harmless: ReadonlySet<Act> = new Set(['make-directory']);
const onTheName: ReadonlySet<Act> = new Set([
  'create',
  'make-node',
  'remove',
  'rename-from',
  'rename-to',
  'bind',
  'mount',
]);

/**
 * Whether systemd may make a directory (its real path) for the daemon: it belongs to the user and group under which the unit is
 * started (what has another owner would be chown-ed, with all that is in it), and the daemon itself neither removes it nor gives
 * it away.
 * @returns its permission bits; undefined where it may not.
 */
export function modeOfOwn(profile: Profile, path: string): string | undefined {
  if (ownRootOf(path) === undefined) return undefined;
  const acts = actsOn(profile, path);
  if (acts.some((act) => onTheName.has(act) && !harmless.has(act))) return undefined;
  const name = namesOf(path).find((each) => Object.hasOwn(profile.files, each));
  const facts = name === undefined ? undefined : profile.files[name];
  if (facts === undefined || !facts.kind.every((kind) => kind === 'directory')) return undefined;
  const users = new Set(profile.sources.map(({ uid, gid }) => `${uid ?? '?'}:${gid ?? '?'}`));
  const [user] = users;
  const modes = new Set<string>();
  for (const owner of facts.owner) {
    const [uid = '', gid = '', mode = ''] = owner.split(':');
    if (users.size !== 1 || `${uid}:${gid}` !== user) return undefined;
    modes.add(mode.padStart(4, '0'));
  }
  const [mode] = modes;
  // Bits beyond rwx would need a set-ID bit or a sticky one of systemd, which it doesn't give.
  return modes.size === 1 && mode !== undefined && /^0[0-7]{3}$/.test(mode) ? mode : undefined;
}

function actsOn(profile: Profile, path: string): Act[] {
  return namesOf(path).flatMap((name) =>
    Object.hasOwn(profile.paths, name) ? (Object.keys(profile.paths[name] ?? {}) as Act[]) : [],
  );
}

/** A real path and the usual name that leads to it. */
function namesOf(path: string): string[] {
  return [path, ...(path.startsWith('/run/') ? [`/var${path}`] : [])];
}

/** The directory that systemd could make and in which a place lies, or which it is. */
export function ownAbove(place: string): string | undefined {
  for (const root of Object.values(ownRoots)) {
    if (!isBelow(place, root)) continue;
    const [name = ''] = place.slice(root.length + 1).split('/');
    return `${root}/${name}`;
  }
  return undefined;
}
