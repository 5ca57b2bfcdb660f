import { changingActs } from '../../profile/profile.ts';
import { type Behaviour, type PathBehaviour, touching } from '../behaviour.ts';
import { choice } from '../choice.ts';
import { notForOthersPrograms } from '../on-off.ts';
import { witness } from '../path-needs.ts';

type ProtectHomeValue = 'no' | 'read-only' | 'yes';

const homes = ['/home', '/root', '/run/user'];

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#ProtectHome=
 *
 * `yes` hides them from everything, and no other directive can give a part back.
 */
export const protectHome = choice<ProtectHomeValue>({
  name: 'ProtectHome',
  since: 214,
  choices: ['no', 'read-only', 'yes'],
  infer(_profile, context, plans) {
    if (!notForOthersPrograms.includes(context.level) || plans.authenticates) return undefined;
    const uses = usesOf(plans.behaviours);
    if (uses.length === 0) {
      return { value: 'yes', reason: 'Nothing below /home, /root or /run/user was used.', grants: [] };
    }
    if (uses.some((use) => changingActs.has(use.act))) return undefined;
    const witnesses = uses.map(({ path, evidence }) => witness(path, evidence));
    return {
      value: 'read-only',
      reason: 'Homes were read, and not written.',
      grants: [{ value: 'read-only', witnesses, reason: 'read', review: undefined }],
    };
  },
  mounts: (value) =>
    value === 'read-only'
      ? homes.map((path) => ({ path, flag: 'read-only' as const, by: 'ProtectHome' }))
      : [],
  denies(value, behaviour, view) {
    if (value === 'yes')
      return touching(behaviour, homes) !== undefined && !isLookOnly(behaviour) ? 'ENOENT' : undefined;
    const refusal = view.refuses(behaviour);
    return refusal?.by === 'ProtectHome' ? refusal.errno : undefined;
  },
});

function usesOf(behaviours: readonly Behaviour[]): PathBehaviour[] {
  return behaviours.flatMap((behaviour) => {
    const use = touching(behaviour, homes);
    return use === undefined || isLookOnly(use) ? [] : [use];
  });
}

/** /home and its kin themselves stay where they are, and answer when they are looked at. */
function isLookOnly(behaviour: Behaviour): boolean {
  return behaviour.kind === 'path' && behaviour.act === 'stat' && homes.includes(behaviour.path);
}
