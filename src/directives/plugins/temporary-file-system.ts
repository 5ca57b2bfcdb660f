import { bindOf, bindWordOf } from '../../paths/bind-word.ts';
import type { MountRule } from '../mount-view.ts';
import { notAtLevel } from '../on-off.ts';
import { pathList } from '../path-list.ts';
import { placesToName } from '../path-needs.ts';

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#TemporaryFileSystem=
 *
 * An entry of another path list for the very same path takes the place of the empty file system, so no other list names these.
 */
export const temporaryFileSystem = pathList({
  name: 'TemporaryFileSystem',
  since: 238,
  about: {
    denies: 'Seeing what others have in /run, /var/lib, /var/log …',
    when: 'The daemon keeps to entries of its own there; with --confine the whole tree is empty',
    rules: 'places.md',
  },
  style: 'tmpfs',
  infer(_profile, context, plans) {
    const { empty, leftAsItIs: left, warnings } = plans.layout;
    if (empty.length + left.length === 0)
      return notAtLevel(context) ?? 'it needs each of /run, /var/lib and their kin as they are';
    return {
      value: empty.map(({ path, options }) => `${path}:${options}`),
      reason: 'Empty but for what BindPaths=, BindReadOnlyPaths= and the directories of the unit put there.',
      grants: empty.map(({ path, options, reason }) => ({
        value: `${path}:${options}`,
        witnesses: [],
        reason,
        review: undefined,
      })),
      left,
      warnings,
    };
  },
  rules: (words) => words.map(ruleOf),
  remedy(_words, behaviour) {
    const places = behaviour.kind === 'path' ? placesToName(behaviour) : [];
    const words = places.map((place) => bindWordOf(place, false));
    return { how: 'add', assignment: { key: 'BindReadOnlyPaths', words, style: 'binds' } };
  },
});

function ruleOf(word: string): MountRule {
  const { source, destination } = bindOf(word);
  const options = destination === source ? [] : destination.split(',');
  const mode = options.find((option) => /^mode=[0-7]{3,4}$/.test(option))?.slice('mode='.length);
  return {
    flag: 'tmpfs',
    path: source,
    readOnly: options.includes('ro'),
    noExec: options.includes('noexec'),
    ...(mode === undefined ? {} : { mode: Number.parseInt(mode, 8) }),
    by: 'TemporaryFileSystem',
  };
}
