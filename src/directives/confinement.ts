import { bindWordOf } from '../paths/bind-word.ts';
import { covers, isBelow, parentOf } from '../paths/covering-tree.ts';
import type { Profile } from '../profile/profile.ts';
import type { Context } from './context.ts';
import type { Grant } from './grant.ts';
import { alwaysVisible } from './known-places.ts';
import { isLikely } from './likely-place.ts';
import { factsOf, placesOf } from './path-facts.ts';
import { expressible, foldTemporary, PathNeeds, withoutDash, witness } from './path-needs.ts';
import { isBroad, isKernelPlace, volatilePlaces, whyReview } from './sensitive-places.ts';
import type { EmptyPlace } from './shelves.ts';
import type { UnitPlaces } from './unit-places.ts';

/** A file system that begins empty. */
export interface Confinement {
  empty: EmptyPlace[];
  /** What is put into it read-only, and is not to be executed. */
  visible: Grant[];
  /** Names by which programs and loaders go that lie elsewhere: they are executed through these. */
  aliases: Grant[];
  /** Writable places under the names by which the daemon reaches them through links: words of BindPaths=. */
  linked: Grant[];
  warnings: string[];
}

/** What libc and its data need on nearly every machine, though no trace need show it. */
const everybodys: readonly { path: string; reason: string }[] = [
  {
    path: '/etc',
    reason: 'configuration: its files are replaced one by one, so only the directory stays current',
  },
  { path: '/usr/share/zoneinfo', reason: 'time zones' },
  { path: '/usr/lib/locale', reason: 'locales' },
  { path: '/usr/share/ca-certificates', reason: '/etc/ssl/certs leads here' },
  { path: '/usr/share/misc', reason: 'tables of libraries' },
];

/** Links of the root directory, which an empty one does not have. */
const rootLinks = ['/bin', '/sbin', '/lib', '/lib64', '/lib32'];
const shells = ['/usr/bin/dash', '/usr/bin/bash', '/usr/bin/busybox'];

/** What has to be there whatever is visible. */
interface Needed {
  /** Real paths that may be executed. */
  executable: readonly string[];
  /** Those of them that are mounted by that name: what is a link to something writable is not. */
  bound: readonly string[];
  /** Where the daemon may write. */
  writable: readonly string[];
  unit: UnitPlaces;
}

/**
 * The empty slate: what the daemon used, and at `balanced` what lies beside it, in a file system in which nothing else is.
 * Mounts go through links of the host, but names that are links there have to be made: docs/places.md.
 */
export function confinementOf(
  profile: Profile,
  context: Context,
  { executable, bound, writable, unit }: Needed,
): Confinement {
  const visible = new PathNeeds();
  const aliases = new PathNeeds();
  const linked = new PathNeeds();
  const looked = new Set<string>();
  const warnings: string[] = [];
  const given = [...bound, ...writable, ...unit.covered];
  const cover = (path: string) => given.some((place) => covers(place, path));
  const isVisible = (path: string) => visible.places().some((word) => covers(withoutDash(word), path));
  if (context.level !== 'minimal') {
    for (const { path, reason } of everybodys) visible.add(`-${path}`, [], reason);
  }
  for (const place of alwaysVisible()) {
    if (isLikely(profile, place)) visible.add(`-${place.path}`, [], place.reason);
  }
  for (const { path, use, witness: seen } of unit.named) {
    if (use === 'writable' || use === 'hidden' || isKernelPlace(path) || cover(path)) continue;
    if (isBroad(path) || holdsAll(path, [])) looked.add(path);
    else visible.add(`-${path}`, [seen], 'the unit names it');
  }
  for (const [path, acts] of Object.entries(profile.paths)) {
    const [evidence] = Object.values(acts);
    if (evidence === undefined || isKernelPlace(path)) continue;
    const { real } = factsOf(profile, path);
    // What ProtectSystem= leaves alone is writable without a grant.
    const target = real.find((each) => isKernelPlace(each) || writable.some((place) => covers(place, each)));
    const link = target === undefined || cover(path) ? undefined : linkOf(path, target, writable, profile);
    if (link !== undefined) {
      const word = bindWordOf(link.target, true, link.name);
      linked.add(
        word,
        [witness(path, evidence)],
        'a link by which the daemon reaches what it writes',
        whyReview(link.target),
      );
      continue;
    }
    // The loader opens a library by a link: what is mapped through that name is on the mount of the name.
    const runs =
      acts.execute !== undefined ||
      acts.map !== undefined ||
      real.some((each) => executable.some((place) => covers(place, each)));
    for (const name of new Set([path, ...real])) {
      if (isKernelPlace(name) || cover(name)) continue;
      if (runs && expressible(name) === name) {
        aliases.add(`-${name}`, [witness(path, evidence)], 'another name of what is executed');
        continue;
      }
      if (isVisible(name)) continue;
      const looksOnly = Object.keys(acts).every((act) => act === 'stat' || act === 'enter');
      // It need not hold anything.
      if (looksOnly && (isBroad(name) || holdsAll(name, real))) {
        looked.add(name);
        continue;
      }
      const entry = context.level === 'minimal' ? name : entryOf(name, profile);
      const place = expressible(foldTemporary(entry));
      if (place === undefined || isBroad(place)) {
        warnings.push(
          `${JSON.stringify(path)} will not be there under --confine: only a directory that holds far more could be named.`,
        );
        continue;
      }
      visible.add(`-${place}`, [witness(path, evidence)], 'used by the daemon');
    }
  }
  coverInside(visible);
  // A mount of /run that is writable would be read-only with an empty one of the same path.
  const emptied = writable.includes('/run') ? ['/'] : ['/', '/run'];
  const empty: EmptyPlace[] = emptied.map((path) => ({
    path,
    options: 'ro,noexec',
    reason: 'only what was needed is put into it',
  }));
  addAliases(executable, aliases);
  coverInside(aliases);
  const shown = [...visible.places(), ...aliases.places()].map(withoutDash).concat(given);
  for (const { path, use } of unit.named) {
    if (use !== 'hidden' || isKernelPlace(path) || shown.some((place) => isBelow(path, place))) continue;
    warnings.push(
      `The unit hides ${JSON.stringify(path)} and does not start where that is missing, as it is under --confine: write a "-" before it.`,
    );
  }
  for (const path of looked) {
    // On the way to something visible it is there anyway.
    const isThere = emptied.includes(path) || shown.some((place) => covers(path, place));
    if (isThere || expressible(path) !== path) continue;
    empty.push({ path, options: 'ro,noexec', reason: 'the daemon looks whether it is there' });
  }
  const others = aliases.grants().filter(({ value }) => !cover(withoutDash(value)));
  const names = new Set(others.map(({ value }) => value));
  return {
    empty,
    visible: visible.grants().filter(({ value }) => !names.has(value) && !cover(withoutDash(value))),
    aliases: others,
    linked: linked.grants(),
    warnings,
  };
}

/**
 * The link on the way from a name to what it leads to, as far down as the daemon may write: /var/run and /run of
 * /var/run/foo.pid and /run/foo.pid. Undefined where that can't be written down, or leads out of what is writable.
 */
function linkOf(
  name: string,
  target: string,
  writable: readonly string[],
  profile: Profile,
): { name: string; target: string } | undefined {
  let [from, to] = [name, target];
  while (from !== to) {
    const [above, below] = [parentOf(from), parentOf(to)];
    const isWithin = writable.some((place) => covers(place, below));
    if (!isWithin || above === below || !placesOf(profile, above).includes(below)) break;
    [from, to] = [above, below];
  }
  return expressible(from) === from && expressible(to) === to ? { name: from, target: to } : undefined;
}

/** What lies in another place of the list comes with it. */
function coverInside(needs: PathNeeds): void {
  for (const word of needs.places()) {
    const path = withoutDash(word);
    const above = needs.places().find((other) => isBelow(path, withoutDash(other)));
    if (above !== undefined) needs.moveTo(word, above);
  }
}

/** Whether a name is that of a directory in which everybody's files lie, such as /run. */
function holdsAll(name: string, real: readonly string[]): boolean {
  return [name, ...real].some((place) => volatilePlaces.includes(place));
}

/** What a path stands for at `balanced`: software and configuration by its directory, data by what holds it. */
function entryOf(path: string, profile: Profile): string {
  const [real = path] = placesOf(profile, path);
  if (real === path) return holderOf(path, profile);
  // The name of the same directory: /var/run/foo for /run/foo.
  const holder = holderOf(real, profile);
  const tail = real.slice(holder.length);
  const name = path.endsWith(tail) ? path.slice(0, path.length - tail.length) : path;
  return placesOf(profile, name).includes(holder) ? name : holderOf(path, profile);
}

function holderOf(path: string, profile: Profile): string {
  if (isBelow(path, '/etc')) return '/etc';
  for (const shelf of [
    '/usr/share',
    '/usr/lib',
    '/usr/libexec',
    '/usr/local/share',
    '/usr/local/lib',
    '/var/lib',
    '/var/cache',
    '/var/spool',
    '/var/log',
    '/run/systemd',
    '/run',
    '/home',
    '/opt',
    '/srv',
  ]) {
    if (isBelow(path, shelf)) return `${shelf}/${path.slice(shelf.length + 1).split('/')[0]}`;
  }
  if (factsOf(profile, path).kind.includes('directory')) return path;
  const directory = parentOf(path);
  return isBroad(directory) ? path : directory;
}

/** `/bin/sh` and its kin, and the directories in which programs look for their loader. */
function addAliases(executable: readonly string[], aliases: PathNeeds): void {
  const add = (path: string, reason: string) => aliases.add(`-${path}`, [], reason);
  for (const path of executable) {
    const root = rootLinks.find((link) => isBelow(path, `/usr${link}`));
    if (root === '/bin' || root === '/sbin') add(path.slice('/usr'.length), 'another name of a program');
    if (root?.startsWith('/lib') === true)
      add(`/${path.split('/').slice(2, 4).join('/')}`, 'another name of a directory of libraries');
  }
  add('/lib64', 'programs name their loader here');
  if (executable.some((path) => shells.includes(path)))
    for (const path of ['/bin/sh', '/usr/bin/sh']) add(path, 'another name of a shell');
}
