import type { Context } from './context.ts';
import type { MountRule } from './mount-rules.ts';

/** https://github.com/systemd/systemd/blob/v248/NEWS (MountAPIVFS=) */
const sinceRun = 248;

/**
 * What comes with a directive that makes systemd mount /proc, /sys and /dev anew (MountAPIVFS= and those that imply it): /run is an
 * entry of that list, and so keeps out of reach of what is asked for `/`. Under ProtectSystem=strict or ReadOnlyPaths=/ it stays
 * writable, under NoExecPaths=/ executable; only a directive that names it changes that. Measured with systemd 252, 257 and 262.
 * https://github.com/systemd/systemd/blob/v252/src/core/namespace.c (apivfs_table, namespace_parameters_mount_apivfs)
 */
export function apiFileSystems(by: string, context: Context): MountRule[] {
  return context.systemd < sinceRun ? [] : [{ flag: 'left-writable', path: '/run', by }];
}
