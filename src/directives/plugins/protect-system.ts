import { directive } from '../directive.ts';
import type { MountRule } from '../mount-view.ts';

export type ProtectSystemValue = 'no' | 'yes' | 'full' | 'strict';

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#ProtectSystem= */
export const protectSystem = directive<ProtectSystemValue>({
  name: 'ProtectSystem',
  // `strict` came with 232; no supported version is older.
  since: 214,
  observes: [],
  infer(_profile, context) {
    if (context.level === 'relaxed') {
      return {
        value: 'full',
        reason: 'Programs, boot files and configuration stay as they are.',
        grants: [],
      };
    }
    return {
      value: 'strict',
      reason: 'The whole file system is read-only but for what ReadWritePaths= names.',
      grants: [],
    };
  },
  mounts: protectSystemMounts,
  denies(_value, behaviour, view) {
    const refusal = view.refuses(behaviour);
    return refusal?.by === 'ProtectSystem' ? refusal.errno : undefined;
  },
  assignments: (value) => [{ key: 'ProtectSystem', words: [value], style: 'plain' }],
});

/** Which mounts each value makes: https://github.com/systemd/systemd/blob/v252/src/core/namespace.c (protect_system_*_table) */
function protectSystemMounts(value: ProtectSystemValue): MountRule[] {
  const by = 'ProtectSystem';
  const readOnly = (path: string): MountRule => ({ path, flag: 'read-only', by });
  if (value === 'no') return [];
  if (value === 'strict') {
    const kept = ['/proc', '/sys', '/dev', '/home', '/root', '/run/user'];
    return [readOnly('/'), ...kept.map((path): MountRule => ({ path, flag: 'read-write', by }))];
  }
  const system = ['/usr', '/boot', '/efi', '/lib', '/lib64', '/bin', '/sbin'];
  return (value === 'full' ? [...system, '/etc'] : system).map(readOnly);
}
