import { choice } from '../choice.ts';
import type { Context } from '../context.ts';
import { homePlaces } from '../homes.ts';
import type { MountRule } from '../mount-rules.ts';
import { notAtLevel } from '../on-off.ts';

type ProtectHomeValue = 'no' | 'read-only' | 'tmpfs' | 'yes';

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#ProtectHome=
 *
 * `yes` hides them from everything, and no other directive can give a part back; under `tmpfs` BindPaths= and
 * BindReadOnlyPaths= can.
 */
export const protectHome = choice<ProtectHomeValue>({
  name: 'ProtectHome',
  since: 214,
  about: {
    denies: 'Seeing or writing homes: /home, /root, /run/user',
    when: 'yes where unused, tmpfs or read-only where used; not where people log in',
    rules: 'places.md',
  },
  choices: ['no', 'read-only', 'tmpfs', 'yes'],
  // `tmpfs` came with 238; no supported version is older.
  infer(_profile, context: Context, plans) {
    const { value, witnesses } = plans.layout.homes;
    if (value === undefined) {
      const why = notAtLevel(context);
      if (why !== undefined) return why;
      if (context.confine) return 'with --confine homes are not there but for what is bound';
      if (plans.authenticates) return 'it logs people in, and who logs in comes home';
      return 'it makes or changes something in /home, /root or /run/user themselves, which no other line gives back';
    }
    if (value === 'yes')
      return { value, reason: 'Nothing below /home, /root or /run/user was used.', grants: [] };
    return {
      value,
      reason:
        value === 'tmpfs'
          ? 'Other homes than those below were not used.'
          : 'Homes are read, and not written.',
      grants: [{ value, witnesses, reason: 'used', review: undefined }],
    };
  },
  mounts: (value, context) => homePlaces.flatMap((path) => ruleOf(value, path, context)),
  denies(_value, behaviour, view) {
    const refusal = view.refuses(behaviour);
    return refusal?.by === 'ProtectHome' ? refusal.errno : undefined;
  },
});

function ruleOf(value: ProtectHomeValue, path: string, { systemd }: Context): MountRule[] {
  const by = 'ProtectHome';
  switch (value) {
    case 'yes':
      return [{ flag: 'inaccessible', path, by }];
    case 'tmpfs':
      // Anybody may write to it before 257.
      return systemd >= 257
        ? [{ flag: 'tmpfs', path, readOnly: true, mode: path === '/root' ? 0o700 : 0o755, noExec: false, by }]
        : [{ flag: 'tmpfs', path, readOnly: false, mode: 0o1777, noExec: false, by }];
    case 'read-only':
      return [{ flag: 'read-only', path, by }];
    default:
      return [];
  }
}
