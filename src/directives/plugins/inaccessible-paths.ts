import { notAtLevel } from '../on-off.ts';
import { pathList } from '../path-list.ts';
import { withoutDash } from '../path-needs.ts';

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#InaccessiblePaths=
 *
 * The one way out that no capability and no filter closes: a service that trusts uid 0 on its socket starts for the daemon what
 * it may not start itself (`systemd-run` by way of /run/systemd/private).
 */
export const inaccessiblePaths = pathList({
  name: 'InaccessiblePaths',
  since: 231,
  about: {
    denies: 'Control sockets of privileged services, and secrets',
    when: 'Each that exists or is common, and that the daemon had nothing to do with',
    rules: 'places.md',
  },
  infer(_profile, context, plans) {
    const { hidden: grants, left } = plans.layout;
    if (grants.length + left.length === 0)
      return notAtLevel(context) ?? 'nothing of what it would hide can be seen';
    return {
      value: grants.map(({ value }) => value),
      reason:
        context.level === 'relaxed'
          ? 'Nothing is hidden from the programs of others; these sockets were used.'
          : 'Sockets of services that would do for the daemon what it may not do itself, and secrets of others: it used none of these.',
      grants,
      left,
    };
  },
  rules: (words) =>
    words.map((word) => ({ flag: 'inaccessible', path: withoutDash(word), by: 'InaccessiblePaths' })),
});
