import { covers } from '../../paths/covering-tree.ts';
import { usualName } from '../../paths/usual-links.ts';
import type { Act } from '../../profile/acts.ts';
import { touching } from '../behaviour.ts';
import type { Context } from '../context.ts';
import { publicPlaces } from '../executable-paths.ts';
import { homePlaces } from '../homes.ts';
import { pathList } from '../path-list.ts';
import { placesToName, withoutDash } from '../path-needs.ts';
import type { Plans } from '../plans.ts';

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#NoExecPaths=
 *
 * `/` doesn't reach what has a mount of its own: every writable path is named again, and so are the places that
 * ProtectSystem=strict leaves writable.
 */
export const noExecPaths = pathList({
  name: 'NoExecPaths',
  since: 248,
  about: {
    denies: 'Executing, and mapping executable, anything else',
    when: '/ and each path with a mount of its own; relaxed: /tmp, /var/tmp and /dev/shm',
    rules: 'executable-paths.md',
  },
  observes: ['mmap', 'mmap2'],
  resets: true,
  keeps: true,
  infer(_profile, context, plans) {
    const value = notExecutable(context, plans);
    const isRelaxed = context.level === 'relaxed';
    const left = isRelaxed ? plans.executable.grants.filter(({ review }) => review !== undefined) : [];
    if (value.length + left.length === 0) return 'the trace does not show what is executed';
    return {
      value,
      reason: isRelaxed
        ? 'Nothing was executed in these places, where anybody can put something.'
        : 'Nothing else may be executed; paths with a mount of their own are named again, `/` does not reach them.',
      grants: [],
      left,
    };
  },
  rules: (words) => words.map((word) => ({ path: withoutDash(word), flag: 'no-exec', by: 'NoExecPaths' })),
  remedy(_words, behaviour) {
    if (behaviour.kind !== 'path')
      return { how: 'add', assignment: { key: 'ExecPaths', words: [], style: 'paths' } };
    // What is executed needs its loader and libraries, too.
    const places = placesToName(behaviour);
    const { needs } = behaviour.facts;
    const words = [...new Set(behaviour.act === 'execute' ? [...places, ...needs] : places)];
    return { how: 'add', assignment: { key: 'ExecPaths', words, style: 'paths' } };
  },
});

/** Places with a mount of their own under ProtectSystem=strict. */
const ownMounts = ['/home', '/root', '/run', '/run/user', '/dev/shm'];
const running: ReadonlySet<Act> = new Set(['execute', 'map']);

function notExecutable(context: Context, plans: Plans): string[] {
  const executable = plans.executable.grants.map((grant) => withoutDash(grant.value));
  const free = (places: readonly string[]) => places.filter((place) => !executable.includes(place));
  if (context.level === 'relaxed') {
    const used = (place: string) =>
      executable.some((path) => covers(place, path)) ||
      plans.behaviours.some((behaviour) => touching(behaviour, [place], running));
    return publicPlaces.filter((place) => !used(place)).map((place) => `-${place}`);
  }
  if (executable.length === 0) return [];
  const { grants, own } = plans.writable;
  const planned = [...grants.map(({ value }) => value), ...own.map(({ path }) => path)];
  // What the unit makes writable is a mount of its own, too.
  const byUnit = plans.writableByUnit.filter((path) => !planned.some((word) => withoutDash(word) === path));
  const writable = [...planned, ...byUnit.map((path) => `-${path}`)];
  const named = new Set(writable.map((path) => withoutDash(path)));
  // Named here, a place would be no empty one any more.
  const { empty: emptied, homes } = plans.layout;
  const empty = new Set([
    ...emptied.map(({ path }) => path),
    ...(homes.value === 'tmpfs' ? homePlaces : []),
    ...plans.unit.emptied,
  ]);
  const others = free(['/tmp', '/var/tmp', ...ownMounts]).filter(
    (place) => !named.has(place) && !empty.has(place),
  );
  // Where nobody could look, one place may have two names.
  const runnable = new Set(executable.map(usualName));
  const granted = writable.filter((path) => !runnable.has(usualName(withoutDash(path))));
  // What is kept read-only in a grant that holds far more is a mount of its own as well.
  const kept = free(plans.layout.kept);
  return [
    ...(context.confine ? plans.layout.notExecutable : ['/']),
    ...new Set(granted),
    ...kept.map((path) => `-${path}`),
    ...others.map((place) => `-${place}`),
  ];
}
