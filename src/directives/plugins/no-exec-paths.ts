import type { Profile } from '../../profile/profile.ts';
import type { Context } from '../context.ts';
import { directive } from '../directive.ts';
import { executablePlan } from '../executable-paths.ts';
import { withoutDash } from '../path-needs.ts';
import { writablePlan } from '../writable-paths.ts';

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#NoExecPaths=
 *
 * `/` doesn't reach what has a mount of its own: every writable path is named again, and so are the places that
 * ProtectSystem=strict leaves writable.
 */
export const noExecPaths = directive<string[]>({
  name: 'NoExecPaths',
  since: 248,
  observes: ['mmap', 'mmap2'],
  infer(profile, context) {
    const value = notExecutable(profile, context);
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
  mounts: (value) => value.map((path) => ({ path: withoutDash(path), flag: 'no-exec', by: 'NoExecPaths' })),
  denies(_value, behaviour, view) {
    const refusal = view.refuses(behaviour);
    return refusal?.by === 'NoExecPaths' ? refusal.errno : undefined;
  },
  assignments: (value) => [
    { key: 'NoExecPaths', words: [], style: 'paths' },
    { key: 'NoExecPaths', words: value, style: 'paths' },
  ],
});

/** Places with a mount of their own under ProtectSystem=strict, and those that everybody may write. */
const ownMounts = ['/home', '/root', '/run/user', '/dev/shm'];
const publicPlaces = ['/dev/shm', '/tmp', '/var/tmp'];

function notExecutable(profile: Profile, context: Context): string[] {
  const executable = executablePlan(profile, context).grants.map((grant) => withoutDash(grant.value));
  const free = (places: readonly string[]) => places.filter((place) => !executable.includes(place));
  if (context.level === 'relaxed') {
    const used = (place: string) => executable.some((path) => path === place || path.startsWith(`${place}/`));
    return publicPlaces.filter((place) => !used(place)).map((place) => `-${place}`);
  }
  if (executable.length === 0) return [];
  const writable = writablePlan(profile, context).grants.map((grant) => grant.value);
  const named = new Set(writable.map((path) => withoutDash(path)));
  const others = free(['/tmp', '/var/tmp', ...ownMounts]).filter((place) => !named.has(place));
  const granted = writable.filter((path) => !executable.includes(withoutDash(path)));
  return ['/', ...granted, ...others.map((place) => `-${place}`)];
}
