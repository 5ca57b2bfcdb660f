import { isBelow } from '../paths/covering-tree.ts';

/**
 * Places where a right to write, or to execute what is written, is worth a break-in by itself. A log may come from a stranger,
 * so a grant below them is never made without a word.
 */
const writable: readonly { path: string; reason: string }[] = [
  { path: '/etc', reason: 'configuration of the whole system, units and start scripts among it' },
  { path: '/usr', reason: 'programs and libraries that everything runs' },
  { path: '/boot', reason: 'what the machine boots' },
  { path: '/efi', reason: 'what the machine boots' },
  { path: '/root', reason: "the administrator's files, shell start files and SSH keys among them" },
  { path: '/home', reason: "people's files, shell start files and SSH keys among them" },
  { path: '/run/systemd', reason: 'units that systemd reads, and its sockets' },
  { path: '/run/udev', reason: 'rules that udev runs as root' },
  { path: '/run/dbus', reason: 'the system bus' },
  { path: '/var/spool/cron', reason: 'what cron runs' },
  { path: '/var/spool/anacron', reason: 'what cron runs' },
  { path: '/var/lib/systemd', reason: "systemd's own state" },
  { path: '/var/lib/dpkg', reason: 'scripts that the package manager runs as root' },
  { path: '/var/lib/rpm', reason: 'what the package manager trusts' },
];

/** Why a right to write at a path is dangerous whoever asks for it; undefined where it isn't known to be. */
export function whySensitive(path: string): string | undefined {
  const place = writable.find((entry) => path === entry.path || isBelow(path, entry.path));
  return place?.reason;
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

/** Directories whose content is gone after a reboot: https://refspecs.linuxfoundation.org/FHS_3.0/fhs/ch03s15.html */
export const volatilePlaces: readonly string[] = ['/run', '/tmp', '/var/tmp', '/dev/shm'];

/** The volatile directory in which a path lies; undefined for the directory itself and for all that outlives a reboot. */
export function volatilePlaceOf(path: string): string | undefined {
  return volatilePlaces.find((place) => isBelow(path, place));
}

/** File systems of the kernel and devices: ProtectSystem=strict leaves them alone, other directives are about them. */
export function isKernelPlace(path: string): boolean {
  return ['/proc', '/sys', '/dev'].some((place) => path === place || isBelow(path, place));
}
