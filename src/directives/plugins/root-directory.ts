import { bindWordOf } from '../../paths/bind-word.ts';
import { advice } from '../advice.ts';
import { confinementOf } from '../confinement.ts';
import { notAtLevel } from '../on-off.ts';
import { withoutDash } from '../path-needs.ts';

/** Any directory that is empty, and stays so, will do. */
const emptyDirectory = '/var/lib/empty-root';

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#RootDirectory=
 *
 * A root directory of its own, with what was needed bound into it. It takes a directory that somebody has to make, and `--confine`
 * comes to the same without one, so it is never set.
 */
export const rootDirectory = advice({
  name: 'RootDirectory',
  // Of BindReadOnlyPaths=, without which an empty one is good for nothing.
  since: 233,
  about: {
    denies: 'Seeing the tree of the host',
    when: 'Advice only: the list of binds that a tree of its own would take',
    rules: 'places.md#confine',
  },
  advise(profile, context, plans) {
    const why = notAtLevel(context);
    if (why !== undefined) return why;
    if (context.confine) return '--confine comes to the same, without a directory that somebody has to make';
    const { grants, own } = plans.writable;
    const { visible, aliases, linked } = confinementOf(profile, context, {
      executable: plans.executable.grants.map(({ value }) => withoutDash(value)),
      bound: plans.executablesToBind.map(withoutDash),
      writable: [...grants.map(({ value }) => withoutDash(value)), ...own.map(({ path }) => path)],
      unit: plans.unit,
    });
    const readOnly = [
      ...plans.executablesToBind.map(asBind),
      ...[...visible, ...aliases].map(({ value }) => asBind(value)),
    ];
    const writable = [...grants.map(({ value }) => asBind(value)), ...linked.map(({ value }) => value)];
    return {
      value: [
        { key: 'RootDirectory', words: [emptyDirectory], style: 'paths' },
        { key: 'MountAPIVFS', words: ['yes'], style: 'plain' },
        ...(readOnly.length === 0
          ? []
          : [{ key: 'BindReadOnlyPaths', words: readOnly, style: 'binds' as const }]),
        ...(writable.length === 0 ? [] : [{ key: 'BindPaths', words: writable, style: 'binds' as const }]),
      ],
      reason: `With an empty directory that somebody makes (${emptyDirectory}, say) it would see nothing but this; --confine comes to the same without one.`,
      grants: [],
    };
  },
});

function asBind(word: string): string {
  return bindWordOf(withoutDash(word), word.startsWith('-'));
}
