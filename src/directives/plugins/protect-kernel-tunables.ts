import { covers, isBelow } from '../../paths/covering-tree.ts';
import { changingActs } from '../../profile/acts.ts';
import { apiFileSystems } from '../api-file-systems.ts';
import { isCall, type PathBehaviour, touching } from '../behaviour.ts';
import type { MountView } from '../mount-view.ts';
import { onOff } from '../on-off.ts';

/** https://github.com/systemd/systemd/blob/v252/src/core/namespace.c (protect_kernel_tunables_proc_table and _sys_table) */
const readOnly = [
  '/proc/acpi',
  '/proc/apm',
  '/proc/asound',
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/latency_stats',
  '/proc/mtrr',
  '/proc/scsi',
  '/proc/sys',
  '/proc/sysrq-trigger',
  '/proc/timer_stats',
  '/sys',
];

/** Other directives are about these, and they stay as they are. */
const leftAlone = [
  '/sys/fs/cgroup',
  '/sys/fs/selinux',
  '/sys/kernel/security',
  '/sys/fs/pstore',
  '/sys/fs/bpf',
];

const hidden = ['/proc/kallsyms', '/proc/kcore'];

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#ProtectKernelTunables= */
export const protectKernelTunables = onOff({
  name: 'ProtectKernelTunables',
  since: 232,
  about: {
    denies: 'Writing below /proc/sys and /sys; /proc/kallsyms and /proc/kcore',
    when: 'Nothing of that was done',
  },
  reason: 'Nothing was written below /proc/sys or /sys.',
  mounts: (_value, context) => apiFileSystems('ProtectKernelTunables', context),
  refuses(behaviour, _context, view) {
    if (isCall(behaviour, new Set(['_sysctl']))) return 'EPERM';
    if (touching(behaviour, hidden, new Set(['read']))) return 'EACCES';
    const change = touching(behaviour, readOnly, changingActs);
    if (change === undefined || isGranted(change, view)) return undefined;
    const stays = change.facts.real.every((path) => leftAlone.some((place) => covers(place, path)));
    return stays ? undefined : 'EROFS';
  },
});

/** A path that ReadWritePaths= names, below what is read-only here, stays writable. */
function isGranted({ path, facts }: PathBehaviour, view: MountView | undefined): boolean {
  return [path, ...facts.real].some((place) => isBelow(view?.mountOf(place) ?? '/', '/proc'));
}
