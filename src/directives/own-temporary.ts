import { isBelow, nameOf } from '../paths/covering-tree.ts';
import { isTemporaryName } from '../paths/temporary-name.ts';
import type { Profile } from '../profile/profile.ts';
import { type Behaviour, touching } from './behaviour.ts';
import type { Context } from './context.ts';

/** Of these a unit can have its own: https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#PrivateTmp= */
export const temporaryPlaces: readonly string[] = ['/tmp', '/var/tmp'];

/** Sockets that others connect to, and files that others have put there, are out of reach in a /tmp of one's own. */
const sharing = new Set(['bind', 'connect'] as const);

/** Whether the daemon gets temporary directories of its own: then nothing of the host's need be granted. */
export function hasOwnTemporary(
  profile: Profile,
  context: Context,
  behaviours: readonly Behaviour[],
): boolean {
  // Other people's programs leave there what others of them look for.
  if (context.level === 'relaxed' || readsWhatOthersMade(profile)) return false;
  return behaviours.every((behaviour) => missedInOwn(behaviour) === undefined);
}

/** What a behaviour would meet in a /tmp of its own; undefined where it misses nothing. */
export function missedInOwn(behaviour: Behaviour): string | undefined {
  const shared = touching(behaviour, temporaryPlaces, sharing);
  if (shared !== undefined) return shared.act === 'bind' ? 'a socket unseen by others' : 'ENOENT';
  return touching(behaviour, temporaryPlaces, new Set(['execute', 'map'])) ? 'ENOENT' : undefined;
}

/** A file below /tmp that was read or changed, though nothing in the trace made it. */
export function readsWhatOthersMade(profile: Profile): boolean {
  return Object.entries(profile.paths).some(([path, acts]) => {
    if (!temporaryPlaces.some((place) => isBelow(path, place))) return false;
    const made = acts.create ?? acts['make-directory'] ?? acts['make-node'] ?? acts['rename-to'];
    const used = acts.read ?? acts.write ?? acts.list ?? acts.remove;
    return (
      used !== undefined &&
      made === undefined &&
      !isTemporaryName(nameOf(path)) &&
      !isBelowMade(profile, path)
    );
  });
}

function isBelowMade(profile: Profile, path: string): boolean {
  return Object.entries(profile.paths).some(
    ([directory, acts]) => acts['make-directory'] !== undefined && path.startsWith(`${directory}/`),
  );
}
