import { bindOf } from '../../paths/bind-word.ts';
import { notAtLevel } from '../on-off.ts';
import { pathList } from '../path-list.ts';

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#BindPaths= */
export const bindPaths = pathList({
  name: 'BindPaths',
  since: 233,
  about: {
    denies: 'Nothing: it grants writing',
    when: 'What is written lies in a place that is empty otherwise',
    rules: 'places.md',
  },
  style: 'binds',
  infer(_profile, context, plans) {
    const grants = plans.layout.bound;
    if (grants.length === 0)
      return notAtLevel(context) ?? 'nothing was written in a place that is empty otherwise';
    return {
      value: grants.map(({ value }) => value),
      reason: 'The daemon writes here, in places that are otherwise empty for it.',
      grants,
    };
  },
  rules: (words) =>
    words.map((word) => {
      const { source, destination } = bindOf(word);
      return { flag: 'bind', path: destination, source, readOnly: false, by: 'BindPaths' };
    }),
});
