import { choice } from '../choice.ts';
import type { Context } from '../context.ts';
import type { Inferred } from '../directive.ts';
import type { MountRule } from '../mount-view.ts';
import { writableAbove } from '../path-needs.ts';
import type { Plans } from '../plans.ts';

export type ProtectSystemValue = 'no' | 'yes' | 'full' | 'strict';

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#ProtectSystem= */
export const protectSystem = choice<ProtectSystemValue>({
  name: 'ProtectSystem',
  // `strict` came with 232; no supported version is older.
  since: 214,
  about: {
    denies: 'Writing, but where another line grants it',
    when: 'strict; relaxed: full, or yes where files of /etc itself are made; not with --confine',
    rules: 'writable-paths.md',
  },
  choices: ['no', 'yes', 'full', 'strict'],
  infer(_profile, context, plans) {
    if (context.level === 'relaxed') return relaxed(plans);
    // A mount of / would take the place of the empty one.
    if (context.confine)
      return 'with --confine the file system is empty, and a mount of / would take its place';
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
  // All that it refuses can be given back by name.
  remedy: (behaviour) => ({
    how: 'add',
    assignment: { key: 'ReadWritePaths', words: writableAbove(behaviour), style: 'paths' },
  }),
});

/**
 * Not /etc where the daemon makes or removes names in that very directory: at one path read-only is stronger than read-write, so
 * no ReadWritePaths= would give it back. https://github.com/systemd/systemd/blob/v252/src/core/namespace.c (drop_duplicates)
 */
function relaxed(plans: Plans): Inferred<ProtectSystemValue> {
  const configuration = plans.writable.grants.find((grant) => grant.value === '/etc');
  if (configuration === undefined) {
    return { value: 'full', reason: 'Programs, boot files and configuration stay as they are.', grants: [] };
  }
  return {
    value: 'yes',
    reason: 'Programs and boot files stay as they are; in /etc itself the daemon makes or removes files.',
    grants: [{ ...configuration, value: 'yes' }],
  };
}

/** What holds programs and boot files. Until 255 systemd names what is a link into /usr on most machines, too. */
export function systemPlaces({ systemd }: Context): string[] {
  const ofAll = ['/usr', '/boot', '/efi'];
  return systemd >= 255 ? ofAll : [...ofAll, '/lib', '/lib64', '/bin', '/sbin'];
}

/** Which mounts each value makes: https://github.com/systemd/systemd/blob/v252/src/core/namespace.c (protect_system_*_table) */
function protectSystemMounts(value: ProtectSystemValue, context: Context): MountRule[] {
  const by = 'ProtectSystem';
  const readOnly = (path: string): MountRule => ({ path, flag: 'read-only', by });
  if (value === 'no') return [];
  if (value === 'strict') {
    const kept = ['/proc', '/sys', '/dev', '/home', '/root', '/run/user'];
    return [readOnly('/'), ...kept.map((path): MountRule => ({ path, flag: 'left-writable', by }))];
  }
  const system = systemPlaces(context);
  return (value === 'full' ? [...system, '/etc'] : system).map(readOnly);
}
