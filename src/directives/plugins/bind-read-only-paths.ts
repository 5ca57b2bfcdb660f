import { bindOf, bindWordOf } from '../../paths/bind-word.ts';
import { notAtLevel } from '../on-off.ts';
import { pathList } from '../path-list.ts';
import { withoutDash } from '../path-needs.ts';

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#BindPaths=
 *
 * What ExecPaths= names gets a mount without the read-only flag of ProtectSystem=: a read-only bind mount of the same path gives
 * it back. What the daemon itself writes is left out. And what it uses in a place that is otherwise empty.
 */
export const bindReadOnlyPaths = pathList({
  name: 'BindReadOnlyPaths',
  since: 233,
  about: {
    denies: 'Writing to what ExecPaths= names',
    when: 'With ExecPaths=; and for what is used in a place that is empty otherwise',
    rules: 'executable-paths.md',
  },
  style: 'binds',
  infer(_profile, context, plans) {
    const why = notAtLevel(context);
    if (why !== undefined) return why;
    const executable = plans.executablesToBind.map((value) => ({
      value: bindWordOf(withoutDash(value), value.startsWith('-')),
      witnesses: [],
      reason: 'executable, and not to be written',
      review: undefined,
    }));
    const { boundReadOnly } = plans.layout;
    const grants = [
      ...executable,
      ...boundReadOnly.filter(({ value }) => executable.every((other) => other.value !== value)),
    ];
    if (grants.length === 0)
      return 'nothing is executable by name, and nothing was used in a place that is empty otherwise';
    return {
      value: grants.map(({ value }) => value),
      reason:
        boundReadOnly.length === 0
          ? 'ExecPaths= alone would make these writable again.'
          : 'What ExecPaths= names would be writable again without it; the rest is what stays of places that are empty.',
      grants,
    };
  },
  rules: (words) =>
    words.map((word) => {
      const { source, destination } = bindOf(word);
      return { flag: 'bind', path: destination, source, readOnly: true, by: 'BindReadOnlyPaths' };
    }),
});
