import { covers, isBelow, parentOf } from '../paths/covering-tree.ts';
import { usualName } from '../paths/usual-links.ts';
import { controlSockets, dangerousToWrite, type KnownPlace, volatileConfiguration } from './known-places.ts';

/**
 * Why a right to write at a path is dangerous whoever asks for it, as the nearest known place says; undefined where it isn't known
 * to be. A log may come from a stranger, so a grant there is never made without a word.
 */
export function whySensitive(path: string): string | undefined {
  dangerous ??= reasonsOf(dangerousToWrite());
  return nearestReason(dangerous, path);
}

/**
 * Why a person must look at a right to write at a path: because of what is known of the nearest place above, because it is a
 * directory that many share, or because of what lies in it.
 */
export function whyReview(path: string): string | undefined {
  const sensitive = whySensitive(path);
  if (sensitive !== undefined) return sensitive;
  obeyed ??= reasonsOf([...controlSockets(), ...volatileConfiguration()]);
  const reason = nearestReason(obeyed, path);
  if (reason !== undefined) return reason;
  const name = usualName(path);
  if (name === '/run') return 'new names can be made in all of /run, and root obeys some of them';
  const known = [...dangerousToWrite(), ...controlSockets(), ...volatileConfiguration()];
  const held = known.find((place) => isBelow(place.path, name));
  if (held !== undefined) return `it holds ${held.path}: ${held.reason}`;
  return isBroad(name) ? 'it holds what belongs to others' : undefined;
}

let dangerous: ReadonlyMap<string, string> | undefined;
let obeyed: ReadonlyMap<string, string> | undefined;

function reasonsOf(places: readonly KnownPlace[]): Map<string, string> {
  return new Map(places.map(({ path, reason }) => [path, reason]));
}

function nearestReason(reasons: ReadonlyMap<string, string>, path: string): string | undefined {
  for (let at = usualName(path); at !== '/'; at = parentOf(at)) {
    const reason = reasons.get(at);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/**
 * Whether a grant of the whole directory would let through far more than anybody meant: `/`, a directory directly below it
 * (/var, /opt), and those that hold other packages' files side by side.
 */
export function isBroad(path: string): boolean {
  return path === '/' || (path.lastIndexOf('/') === 0 && !volatilePlaces.includes(path)) || shared.has(path);
}

const shared: ReadonlySet<string> = new Set([
  '/usr/lib',
  '/usr/lib64',
  '/usr/share',
  '/usr/local',
  '/usr/bin',
  '/usr/sbin',
  '/var/lib',
  '/var/cache',
  '/var/spool',
  '/run/systemd',
]);

/**
 * Directories in which each service has an entry of its own, and no business with the others':
 * https://refspecs.linuxfoundation.org/FHS_3.0/fhs/ch05.html
 */
export const shelves: readonly string[] = ['/run', '/var/lib', '/var/cache', '/var/spool', '/var/log'];

/** Directories whose content is gone after a reboot: https://refspecs.linuxfoundation.org/FHS_3.0/fhs/ch03s15.html */
export const volatilePlaces: readonly string[] = ['/run', '/tmp', '/var/tmp', '/dev/shm'];

/** The volatile directory in which a path lies; undefined for the directory itself and for all that outlives a reboot. */
export function volatilePlaceOf(path: string): string | undefined {
  return volatilePlaces.find((place) => isBelow(path, place));
}

/** File systems of the kernel and devices: ProtectSystem=strict leaves them alone, other directives are about them. */
export function isKernelPlace(path: string): boolean {
  return ['/proc', '/sys', '/dev'].some((place) => covers(place, path));
}
