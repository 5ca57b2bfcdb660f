import fc from 'fast-check';
import { denialsOf, type Settings } from '../../src/directives/settings.ts';
import type { Act } from '../../src/profile/acts.ts';
import { emptyProfile } from '../../src/profile/empty-profile.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { type Tree, withDebianFacts } from './file-facts-of.ts';
import { silentOnes } from './warned-of.ts';

const evidence = { call: 'openat', first: { source: 'log', line: 1 }, count: 1 };

/** Acts that a daemon does to paths. */
export const act = fc.constantFrom<Act>(
  'read',
  'list',
  'stat',
  'write',
  'create',
  'make-directory',
  'make-node',
  'remove',
  'chmod',
  'execute',
  'map',
  'bind',
  'connect',
  'enter',
);

/** Everything that is refused on a machine, and of which nobody was told. */
export function silent(profile: Profile, { settings, warnings }: Settings, tree: Tree): string[] {
  return silentOnes(denialsOf(settings, withDebianFacts(profile, tree)), warnings).map(
    ({ directive, errno, behaviour }) =>
      `${directive} ${errno} ${JSON.stringify({ ...behaviour, evidence: undefined })}`,
  );
}

/** A profile of what was done to paths, and of what was moved, in a log that nobody's machine goes with. */
export function profileOf(
  touches: readonly { path: string; act: Act }[],
  moves: readonly Pick<Profile['moves'][number], 'how' | 'from' | 'to'>[],
): Profile {
  const paths = new Map<string, Profile['paths'][string]>();
  const add = (path: string, act: Act) => paths.set(path, { ...paths.get(path), [act]: evidence });
  for (const { path, act } of touches) add(path, act);
  for (const { how, from, to } of moves) {
    add(from, how === 'rename' ? 'rename-from' : 'link');
    add(to, how === 'rename' ? 'rename-to' : 'make-node');
  }
  return {
    ...emptyProfile(),
    sources: [{ name: 'log', how: 'log', program: '/bin/x', architecture: 'x86-64' }],
    syscalls: { openat: { count: 1, first: evidence.first } },
    paths: Object.fromEntries(paths),
    moves: moves.map((move) => ({ ...move, evidence })),
  };
}
