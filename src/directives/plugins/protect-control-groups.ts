import { changingActs } from '../../profile/acts.ts';
import type { Profile } from '../../profile/profile.ts';
import { apiFileSystems } from '../api-file-systems.ts';
import { type Behaviour, touching } from '../behaviour.ts';
import { choice } from '../choice.ts';
import type { Context } from '../context.ts';
import { firstRefused } from '../first-refused.ts';
import { notAtLevel } from '../on-off.ts';
import { unseenStart } from '../whole-trace.ts';

type ControlGroups = 'no' | 'yes' | 'private' | 'strict';

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#ProtectControlGroups=
 *
 * `private` and `strict` show the unit's own group as the whole tree, as every container does:
 * https://man7.org/linux/man-pages/man7/cgroup_namespaces.7.html. Where the kernel can't, systemd takes `no` and `yes` for them.
 */
export const protectControlGroups = choice<ControlGroups>({
  name: 'ProtectControlGroups',
  since: 232,
  about: {
    denies: 'Writing below /sys/fs/cgroup; strict: seeing the groups of others, too',
    when: 'Nothing was written there; from 257 on strict, where groups were not looked at either, but not at relaxed',
  },
  // What is written below a group of one's own reaches nobody else's.
  choices: ['no', 'yes', 'private', 'strict'],
  newer: { private: { since: 257, before: 'no' }, strict: { since: 257, before: 'yes' } },
  infer(profile, context, plans) {
    const isOwn = context.systemd >= 257 && looksAtGroups(profile, context) === undefined;
    const value = isOwn ? 'strict' : 'yes';
    const refused = firstRefused(plans.behaviours, (behaviour) => refusal(value, behaviour));
    if (refused !== undefined) return refused;
    return {
      value,
      reason: isOwn ? 'No control group was looked at.' : 'Nothing was written below /sys/fs/cgroup.',
      grants: [],
    };
  },
  against: (profile, context) => (context.systemd < 257 ? undefined : looksAtGroups(profile, context)),
  mounts: (value, context) => (value === 'no' ? [] : apiFileSystems('ProtectControlGroups', context)),
  denies: refusal,
  remedy(behaviour) {
    const isChange = behaviour.kind === 'path' && changingActs.has(behaviour.act);
    const words = [isChange ? 'no' : 'yes'];
    return { how: 'add', assignment: { key: 'ProtectControlGroups', words, style: 'plain' } };
  },
});

const tree = '/sys/fs/cgroup';

function refusal(value: ControlGroups, behaviour: Behaviour): string | undefined {
  const use = value === 'no' ? undefined : touching(behaviour, [tree]);
  if (use === undefined) return undefined;
  if (value !== 'yes' && use.made?.length === 0 && isOfOthers(use.path)) return 'ENOENT';
  return value !== 'private' && changingActs.has(use.act) ? 'EROFS' : undefined;
}

/** Whether the path lies in a group below the root, of which the unit's own sees nothing: the files of a group have a dot. */
function isOfOthers(path: string): boolean {
  const [first = '', ...rest] = path.slice(tree.length + 1).split('/');
  return rest.length > 0 || /\.(?:slice|scope|service|mount|socket|swap)$/.test(first);
}

/** Another answer, not an errno, is what who looks would get; what failed may be there on another day. */
function looksAtGroups(profile: Profile, context: Context): string | undefined {
  const why = notAtLevel(context) ?? unseenStart(profile);
  if (why !== undefined) return why;
  const path = [profile.paths, profile.tried].flatMap(Object.keys).find((name) => groups.test(name));
  return path === undefined ? undefined : `control groups were looked at: ${JSON.stringify(path)}`;
}

const groups = /^\/sys\/fs\/cgroup(?:\/|$)|^\/proc\/[^/]+(?:\/task\/[^/]+)?\/cgroup$|^\/proc\/cgroups$/;
