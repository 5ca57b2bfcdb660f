import { nameOf } from '../../paths/covering-tree.ts';
import { isTemporaryName } from '../../paths/temporary-name.ts';
import type { Profile } from '../../profile/profile.ts';
import { touching } from '../behaviour.ts';
import { notForOthersPrograms, onOff } from '../on-off.ts';

const places = ['/tmp', '/var/tmp'];

/** Sockets that others connect to, and files that others have put there, are out of reach in a /tmp of one's own. */
const sharing = new Set(['bind', 'connect'] as const);

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#PrivateTmp= */
export const privateTmp = onOff({
  name: 'PrivateTmp',
  since: 209,
  levels: notForOthersPrograms,
  reason: 'What it has in /tmp and /var/tmp is its own: nothing there was shared with others.',
  refuses(behaviour) {
    const shared = touching(behaviour, places, sharing);
    if (shared !== undefined) return shared.act === 'bind' ? 'a socket unseen by others' : 'ENOENT';
    if (touching(behaviour, places, new Set(['execute', 'map']))) return 'ENOENT';
    return undefined;
  },
  forbids: (profile) => readsWhatOthersMade(profile),
});

/** A file below /tmp that was read or changed, though nothing in the trace made it. */
function readsWhatOthersMade(profile: Profile): boolean {
  return Object.entries(profile.paths).some(([path, acts]) => {
    if (!places.some((place) => path.startsWith(`${place}/`))) return false;
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
