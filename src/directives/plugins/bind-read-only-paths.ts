import { bindOf, bindWordOf } from '../../paths/bind-word.ts';
import { isBelow } from '../../paths/covering-tree.ts';
import { pathList } from '../path-list.ts';
import { withoutDash } from '../path-needs.ts';

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#BindPaths=
 *
 * What ExecPaths= names gets a mount without the read-only flag of ProtectSystem=: a read-only bind mount of the same path gives
 * it back. What the daemon itself writes is left out.
 */
export const bindReadOnlyPaths = pathList({
  name: 'BindReadOnlyPaths',
  since: 233,
  style: 'binds',
  infer(_profile, context, plans) {
    if (context.level === 'relaxed') return undefined;
    const writable = plans.writableRoots;
    const isWritable = (path: string) => writable.some((place) => place === path || isBelow(path, place));
    const value = plans.executable.grants
      .filter((grant) => !isWritable(withoutDash(grant.value)))
      .map((grant) => bindWordOf(withoutDash(grant.value), grant.value.startsWith('-')));
    if (value.length === 0) return undefined;
    return {
      value,
      reason: 'ExecPaths= alone would make these writable again.',
      grants: value.map((word) => ({
        value: word,
        witnesses: [],
        reason: 'executable, and not to be written',
        review: undefined,
      })),
    };
  },
  rules: (words) =>
    words.map((word) => {
      const { source, destination } = bindOf(word);
      return { flag: 'bind', path: destination, source, readOnly: true, by: 'BindReadOnlyPaths' };
    }),
});
