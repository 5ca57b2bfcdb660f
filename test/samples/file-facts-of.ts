import type { FileFacts } from '../../src/paths/file-facts.ts';
import type { Act } from '../../src/profile/acts.ts';
import type { Profile } from '../../src/profile/profile.ts';

/** A file tree, as far as paths depend on it. */
export interface Tree {
  /** Each with where it leads. */
  links: readonly (readonly [string, string])[];
  /** What a program needs to run. */
  needs: readonly string[];
}

const ofVar: Tree['links'] = [
  ['/var/run', '/run'],
  ['/var/lock', '/run/lock'],
];

/** Debian with /usr merged. */
export const merged: Tree = {
  links: [
    ['/bin', '/usr/bin'],
    ['/sbin', '/usr/sbin'],
    ['/lib', '/usr/lib'],
    ['/lib64', '/usr/lib64'],
    ...ofVar,
    ['/usr/share/nginx/modules', '/usr/lib/nginx/modules'],
  ],
  needs: ['/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2', '/usr/lib/x86_64-linux-gnu/libc.so.6'],
};

/** The same before that, where /bin and /lib are directories of their own. */
export const split: Tree = {
  links: ofVar,
  needs: ['/lib/x86_64-linux-gnu/ld-2.31.so', '/lib/x86_64-linux-gnu/libc-2.31.so'],
};

/**
 * What such a machine would say about the paths of a profile, told from what was done to them: so the laws are held on profiles
 * with links and libraries, on any machine that runs the tests.
 */
export function withDebianFacts(profile: Profile, tree: Tree = merged): Profile {
  const files: Record<string, FileFacts> = {};
  const note = (path: string, kind: string, acts: Act[] = []) => {
    files[path] ??= factsOf(path, kind, acts, tree);
  };
  for (const [link] of tree.links) note(link, 'directory');
  for (const table of [profile.paths, profile.tried]) {
    for (const [path, acts] of Object.entries(table)) {
      const kinds = Object.keys(acts) as Act[];
      note(path, table === profile.tried ? 'missing' : kindOf(path, kinds), kinds);
      note(path.slice(0, path.lastIndexOf('/')) || '/', 'directory');
    }
  }
  return { ...profile, files };
}

function factsOf(path: string, kind: string, acts: Act[], { links, needs }: Tree): FileFacts {
  const runs = kind === 'file' && acts.includes('execute');
  const link = links.find(([from]) => path === from || path.startsWith(`${from}/`));
  return {
    real: [link === undefined ? path : link[1] + path.slice(link[0].length)],
    kind: [kind],
    owner: kind === 'missing' ? [] : ['0:0:0755'],
    needs: runs ? [...needs] : [],
    format: runs ? ['elf64'] : [],
  };
}

function kindOf(path: string, acts: Act[]): string {
  if (path.startsWith('/dev/')) return 'character';
  if (acts.includes('bind') || acts.includes('connect')) return 'socket';
  const isDirectory = ['list', 'make-directory', 'enter', 'chroot'].some((act) => acts.includes(act as Act));
  return isDirectory || path === '/' ? 'directory' : 'file';
}
