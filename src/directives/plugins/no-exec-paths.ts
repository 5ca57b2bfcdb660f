import type { Context } from '../context.ts';
import { homePlaces } from '../homes.ts';
import { pathList } from '../path-list.ts';
import { withoutDash } from '../path-needs.ts';
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
    if (value.length === 0) return undefined;
    return {
      value,
      reason:
        context.level === 'relaxed'
          ? 'Nothing was executed in places that anybody can write.'
          : 'Nothing else may be executed; paths with a mount of their own are named again, `/` does not reach them.',
      grants: [],
    };
  },
  rules: (words) => words.map((word) => ({ path: withoutDash(word), flag: 'no-exec', by: 'NoExecPaths' })),
  remedy(_words, behaviour) {
    if (behaviour.kind !== 'path')
      return { how: 'add', assignment: { key: 'ExecPaths', words: [], style: 'paths' } };
    // What is executed needs its loader and libraries, too.
    const { real, needs } = behaviour.facts;
    const words = [...new Set(behaviour.act === 'execute' ? [...real, ...needs] : real)];
    return { how: 'add', assignment: { key: 'ExecPaths', words, style: 'paths' } };
  },
});

/** Places with a mount of their own under ProtectSystem=strict, and those that everybody may write. */
const ownMounts = ['/home', '/root', '/run', '/run/user', '/dev/shm'];
const publicPlaces = ['/dev/shm', '/tmp', '/var/tmp'];

function notExecutable(context: Context, plans: Plans): string[] {
  const executable = plans.executable.grants.map((grant) => withoutDash(grant.value));
  const free = (places: readonly string[]) => places.filter((place) => !executable.includes(place));
  if (context.level === 'relaxed') {
    const used = (place: string) => executable.some((path) => path === place || path.startsWith(`${place}/`));
    return publicPlaces.filter((place) => !used(place)).map((place) => `-${place}`);
  }
  if (executable.length === 0) return [];
  const { grants, own } = plans.writable;
  const writable = [...grants.map(({ value }) => value), ...own.map(({ path }) => path)];
  // The unit's own are mounts, too; they need not be there.
  const unit = [...plans.unit.directories, ...plans.unit.writable].map((path) => `-${withoutDash(path)}`);
  const named = new Set([...writable, ...unit].map((path) => withoutDash(path)));
  // Named here, a place would be no empty one any more.
  const { empty: emptied, homes } = plans.layout;
  const empty = new Set([...emptied.map(({ path }) => path), ...(homes.value === 'tmpfs' ? homePlaces : [])]);
  const others = free(['/tmp', '/var/tmp', ...ownMounts]).filter(
    (place) => !named.has(place) && !empty.has(place),
  );
  const isKnown = (path: string) => writable.some((other) => withoutDash(other) === withoutDash(path));
  const granted = [...writable, ...unit.filter((path) => !isKnown(path))].filter(
    (path) => !executable.includes(withoutDash(path)),
  );
  return [
    ...(context.confine ? plans.layout.notExecutable : ['/']),
    ...new Set(granted),
    ...others.map((place) => `-${place}`),
  ];
}
