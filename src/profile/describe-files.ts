import { nameOf, parentOf } from '../paths/covering-tree.ts';
import type { FileFacts } from '../paths/file-facts.ts';
import { readOwner } from '../paths/owner.ts';
import { describeFile, describeProgram } from '../paths/program-facts.ts';
import type { Root } from '../paths/root.ts';
import { type Act, changingActs } from './acts.ts';
import type { Profile } from './profile.ts';

/** Acts after which it matters where a path leads and what lies there. */
const interesting: ReadonlySet<Act> = new Set<Act>([
  ...changingActs,
  'execute',
  'may-execute',
  'map',
  'connect',
]);

/**
 * What a file system says about the paths of a profile that a sandbox would be about, and about the directories that hold them.
 * Only looks: nothing is run, nothing outside `root` is opened.
 * @param others paths that matter though the daemon had nothing to do with them
 */
export function describeFiles(
  profile: Profile,
  root: Root,
  others: Iterable<string> = [],
): Record<string, FileFacts> {
  const files = new Map<string, FileFacts>();
  const look = (path: string, describe: (root: Root, path: string) => FileFacts) => {
    if (!path.startsWith('/') || root.lookUp(path).denied) return;
    files.set(path, describe(root, path));
  };
  const run = runPlaces(profile, root);
  for (const table of [profile.paths, profile.tried]) {
    for (const [path, acts] of Object.entries(table)) {
      const kinds = Object.keys(acts) as Act[];
      for (const place of [path, parentOf(path)]) if (isClosed(root, place)) look(place, describeFile);
      if (!kinds.some((act) => interesting.has(act)) && !run.has(root.lookUp(path).real)) continue;
      const isProgram = kinds.includes('execute') || kinds.includes('may-execute');
      look(path, isProgram ? describeProgram : describeFile);
      if (isProgram) look(authenticationOf(path), describeFile);
      if (!files.has(parentOf(path))) look(parentOf(path), describeFile);
    }
  }
  for (const path of Object.keys(profile.beside)) look(path, describeProgram);
  const asksPam = Object.keys(profile.paths).some(
    (path) => path.startsWith('/etc/pam.d/') || files.get(authenticationOf(path))?.kind.includes('file'),
  );
  if (asksPam) for (const path of passwordHelpers) look(path, describeProgram);
  for (const told of [profile.shipped, profile.prepared, profile.rotated])
    for (const path of Object.keys(told)) look(path, describeFile);
  for (const path of Object.keys(profile.paths))
    for (const place of ownedAbove(path)) if (!files.has(place)) look(place, describeFile);
  for (const path of others) if (!files.has(path)) look(path, describeFile);
  return Object.fromEntries([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Where what was executed or mapped lies. The loader opens a library by a link, and the kernel's watcher names what is mapped as
 * it lies: both names are about one thing.
 */
function runPlaces(profile: Profile, root: Root): ReadonlySet<string> {
  const run = Object.entries(profile.paths).filter(
    ([, acts]) => acts.map !== undefined || acts.execute !== undefined,
  );
  return new Set(run.map(([path]) => root.lookUp(path).real));
}

/** Below these a directory tells by its owner whose it is. */
const ownedPlaces = /^\/(?:run|var\/(?:run|lib|cache|spool|log)|tmp|etc|home|root|srv|opt)(?=\/)/;

/** A path, and the directories in which it lies, up to, and without, the shared place itself. */
function ownedAbove(path: string): string[] {
  const place = ownedPlaces.exec(path)?.[0] ?? path;
  const found: string[] = [];
  for (let at = path; at.length > place.length; at = parentOf(at)) found.push(at);
  return found;
}

/** Whether not everybody may read it: then it matters who did. */
function isClosed(root: Root, path: string): boolean {
  const owner = path.startsWith('/') ? root.lookUp(path).owner : undefined;
  return owner !== undefined && (readOwner(owner).mode & 0o004) === 0;
}

/**
 * Where the rules lie by which a program of that name asks PAM who somebody is: that the file exists tells that it does.
 * https://man7.org/linux/man-pages/man5/pam.conf.5.html
 */
export function authenticationOf(program: string): string {
  return `/etc/pam.d/${nameOf(program)}`;
}

/** What PAM runs to hold a password against /etc/shadow: https://man7.org/linux/man-pages/man8/unix_chkpwd.8.html */
export const passwordHelpers: readonly string[] = ['/usr/sbin/unix_chkpwd', '/sbin/unix_chkpwd'];

/** Facts from while the daemon ran and from after its end: what is gone by then keeps what was known. */
export function withEarlierFacts(
  earlier: Readonly<Record<string, FileFacts>>,
  later: Readonly<Record<string, FileFacts>>,
): Record<string, FileFacts> {
  const facts = { ...earlier };
  for (const [path, fact] of Object.entries(later)) {
    if (facts[path] === undefined || !fact.kind.includes('missing')) facts[path] = fact;
  }
  return facts;
}
