import type { Profile } from '../profile/profile.ts';
import { callsOf } from '../syscall-groups/architectures.ts';
import { generalise } from '../syscall-groups/generalise.ts';
import type { Context } from './context.ts';
import { directives } from './registry.ts';

/**
 * The system calls that a tracer need not show: whether they were made or not, every level above `minimal` comes to the same settings.
 * They are granted in any case, they bring no other call with them, and no directive looks at them.
 * @returns calls of the machine's own architecture, sorted. Any other call, also one that is new to this program, has to be watched.
 */
export function unwatchedCalls({ groups, architecture }: Pick<Context, 'groups' | 'architecture'>): string[] {
  const observed = new Set(directives.flatMap((directive) => directive.observes));
  const granted = new Set([...generalise(new Set(), groups), ...groups.members('@default')]);
  const bringsOthers = (name: string) =>
    [...generalise(new Set([name]), groups)].some((other) => other !== name && !granted.has(other));
  return [...callsOf(architecture)]
    .filter((name) => granted.has(name) && groups.known(name) && !observed.has(name) && !bringsOthers(name))
    .sort();
}

/** Calls of which nobody knows whether they were made: they were left out where a profile was made, and seen nowhere else. */
export function unseenCalls({ unwatched, syscalls }: Pick<Profile, 'unwatched' | 'syscalls'>): string[] {
  return unwatched.filter((name) => !Object.hasOwn(syscalls, name));
}
