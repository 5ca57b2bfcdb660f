import { covers, isBelow } from '../../paths/covering-tree.ts';
import type { Act } from '../../profile/acts.ts';
import type { Profile } from '../../profile/profile.ts';
import { advice } from '../advice.ts';
import { changesMount } from '../behaviour.ts';
import { isClosed } from '../closed-files.ts';
import type { Assignment } from '../directive.ts';
import { notAtLevel } from '../on-off.ts';
import { factsOf } from '../path-facts.ts';
import { isKernelPlace } from '../sensitive-places.ts';
import { startUid } from '../start-uid.ts';
import { unseenStart } from '../whole-trace.ts';

/** Places where systemd makes directories for the user that it invents. */
const places: Readonly<Record<string, string>> = {
  '/run': 'RuntimeDirectory',
  '/var/lib': 'StateDirectory',
  '/var/cache': 'CacheDirectory',
  '/var/log': 'LogsDirectory',
};

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#DynamicUser=
 *
 * A daemon of root that needs nothing of root's runs as well under a user who exists only while it does. Who owns its data changes
 * with that, so a person must look.
 */
export const dynamicUser = advice({
  name: 'DynamicUser',
  since: 235,
  about: {
    denies: 'Being root, and leaving files behind',
    when: 'Advice only: a daemon of root used nothing that takes root',
    rules: 'process-directives.md#advice',
  },
  advise(profile, context, plans) {
    const why = notAtLevel(context) ?? unseenStart(profile);
    if (why !== undefined) return why;
    const uid = startUid(profile);
    if (uid !== 0) return uid === undefined ? 'as whom it starts is not known' : 'it does not start as root';
    const [kept] = plans.capabilities;
    if (kept !== undefined) return `it is root for ${kept.value}`;
    if (plans.authenticates) return 'it logs people in';
    if (profile.credentials.length > 0) return 'it changes its user or group itself';
    const directories = ownDirectories(profile);
    if (directories === undefined) return 'it changes something outside of directories of its own';
    if (needsRoot(profile, directories)) return 'it reads what only root may read';
    const own = Object.entries(places).flatMap(([place, key]): Assignment[] => {
      const words = [...directories].filter((path) => path.startsWith(`${place}/`));
      const names = words.map((path) => path.slice(place.length + 1)).sort();
      return names.length === 0 ? [] : [{ key, words: names, style: 'plain' }];
    });
    return {
      value: [{ key: 'DynamicUser', words: ['yes'], style: 'plain' }, ...own],
      reason:
        'It is root without need: it used no capability, read nothing that only root may read, and changed nothing but what is its own.',
      grants: [],
    };
  },
});

/** The directories right below the places that hold all that it changes; undefined where it changes something elsewhere. */
function ownDirectories(profile: Profile): Set<string> | undefined {
  const found = new Set<string>();
  for (const [path, acts] of Object.entries(profile.paths)) {
    const facts = factsOf(profile, path);
    if (!(Object.keys(acts) as Act[]).some((act) => changesMount(act, facts))) continue;
    for (const real of facts.real) {
      if (isKernelPlace(real) || ['/tmp', '/var/tmp'].some((place) => isBelow(real, place))) continue;
      const place = Object.keys(places).find((each) => isBelow(real, each));
      const [name = '', ...rest] = place === undefined ? [] : real.slice(place.length + 1).split('/');
      const isDirectory = rest.length > 0 || acts['make-directory'] !== undefined;
      if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name) || !isDirectory) return undefined;
      found.add(`${place}/${name}`);
    }
  }
  return found;
}

/** Something outside of its own directories that a user other than root can't open. */
function needsRoot(profile: Profile, own: ReadonlySet<string>): boolean {
  return Object.entries(profile.paths).some(([path, acts]) => {
    const isUsed = (['read', 'list', 'execute', 'map', 'connect'] as const).some(
      (act) => acts[act] !== undefined,
    );
    if (!isUsed || isKernelPlace(path)) return false;
    return ![...own].some((place) => covers(place, path)) && isClosed(profile, path);
  });
}
