import { notAtLevel } from '../on-off.ts';
import { pathList } from '../path-list.ts';
import { withoutDash } from '../path-needs.ts';

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#ReadOnlyPaths= */
export const readOnlyPaths = pathList({
  name: 'ReadOnlyPaths',
  since: 231,
  about: {
    denies: 'Writing to what privileged programs obey, or others keep',
    when: 'Such a place lies in a directory that must be writable, and was not changed; /proc likewise',
    rules: 'places.md',
  },
  infer(_profile, context, plans) {
    const { readOnly: grants, leftWritable: left } = plans.layout;
    if (grants.length + left.length === 0)
      return notAtLevel(context) ?? 'what it may write holds nothing that should stay as it is';
    return {
      value: grants.map(({ value }) => value),
      reason: 'The daemon does not write these, and without a word they would be writable.',
      grants,
      left,
    };
  },
  rules: (words) =>
    words.map((word) => ({ flag: 'read-only', path: withoutDash(word), by: 'ReadOnlyPaths' })),
});
