import type { FileFacts } from '../../src/paths/file-facts.ts';
import type { Act, Profile } from '../../src/profile/profile.ts';

/**
 * What a merged-/usr Debian would say about the paths of a profile, told from what was done to them: so the laws are held on
 * profiles with links and libraries, on any machine that runs the tests.
 */
export function withDebianFacts(profile: Profile): Profile {
  const files: Record<string, FileFacts> = {};
  for (const table of [profile.paths, profile.tried]) {
    for (const [path, acts] of Object.entries(table)) {
      const kinds = Object.keys(acts) as Act[];
      files[path] ??= factsOf(path, table === profile.tried ? 'missing' : kindOf(path, kinds), kinds);
      const parent = path.slice(0, path.lastIndexOf('/')) || '/';
      files[parent] ??= factsOf(parent, 'directory', []);
    }
  }
  return { ...profile, files };
}

const loader = '/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2';
const library = '/usr/lib/x86_64-linux-gnu/libc.so.6';

function factsOf(path: string, kind: string, acts: Act[]): FileFacts {
  const runs = kind === 'file' && acts.includes('execute');
  return {
    real: [realOf(path)],
    kind: [kind],
    owner: kind === 'missing' ? [] : ['0:0:0755'],
    needs: runs ? [loader, library] : [],
    format: runs ? ['elf64'] : [],
  };
}

/** Links at the top of Debian's tree, and some that its packages make. */
const links: readonly [string, string][] = [
  ['/bin', '/usr/bin'],
  ['/sbin', '/usr/sbin'],
  ['/lib', '/usr/lib'],
  ['/lib64', '/usr/lib64'],
  ['/var/run', '/run'],
  ['/var/lock', '/run/lock'],
  ['/usr/share/nginx/modules', '/usr/lib/nginx/modules'],
];

function realOf(path: string): string {
  const link = links.find(([from]) => path === from || path.startsWith(`${from}/`));
  return link === undefined ? path : link[1] + path.slice(link[0].length);
}

function kindOf(path: string, acts: Act[]): string {
  if (path.startsWith('/dev/')) return 'character';
  if (acts.includes('bind') || acts.includes('connect')) return 'socket';
  const isDirectory = ['list', 'make-directory', 'enter', 'chroot'].some((act) => acts.includes(act as Act));
  return isDirectory || path === '/' ? 'directory' : 'file';
}
