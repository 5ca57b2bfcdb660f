import { advice } from '../advice.ts';
import { soleUser } from '../change-of-user.ts';
import { witness } from '../path-needs.ts';

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#SupplementaryGroups=
 *
 * Groups beside those that the user database gives the unit's user. It belongs to the advice of User=: who becomes that user by
 * itself may have taken other groups along.
 */
export const supplementaryGroups = advice({
  name: 'SupplementaryGroups',
  since: 187,
  about: {
    denies: 'Nothing: it gives groups',
    when: 'Advice only, with that of User=: groups that the daemon takes along when it becomes that user',
    rules: 'process-directives.md#advice',
  },
  advise(profile, context, plans) {
    const change = soleUser(profile, context, plans);
    if (typeof change === 'string') return change;
    const lists = profile.credentials.filter(({ call }) => /^setgroups(?:32)?$/.test(call));
    const last = lists.findLast(({ to }) => to !== '');
    const named = last?.to.split(',') ?? [];
    const groups = named.filter((id) => /^\d+$/.test(id) && Number(id) !== change.gid);
    if (last === undefined || groups.length === 0) return 'it takes no other groups along';
    return {
      value: [{ key: 'SupplementaryGroups', words: groups, style: 'plain' }],
      reason: `It takes these groups when it becomes user ${change.uid}; those that the user database gives that user need not be named.`,
      grants: groups.map((value) => ({
        value,
        witnesses: [witness('', last.evidence)],
        reason: 'taken along',
        review: undefined,
      })),
    };
  },
});
