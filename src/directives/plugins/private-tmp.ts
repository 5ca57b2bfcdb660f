import { isBelow, nameOf } from '../../paths/covering-tree.ts';
import { isTemporaryName } from '../../paths/temporary-name.ts';
import { changingActs, type Profile } from '../../profile/profile.ts';
import { type Behaviour, touching } from '../behaviour.ts';
import { choice } from '../choice.ts';
import { notForOthersPrograms } from '../on-off.ts';
import { isWhole } from '../whole-trace.ts';

type PrivateTmpValue = 'no' | 'yes' | 'disconnected';

const places = ['/tmp', '/var/tmp'];

/** Sockets that others connect to, and files that others have put there, are out of reach in a /tmp of one's own. */
const sharing = new Set(['bind', 'connect'] as const);

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#PrivateTmp=
 *
 * `yes` puts hidden directories of the host in the place of both; `disconnected`, a small tmpfs. That costs nothing where nothing
 * is put there, and leaves no trace of the unit in the host's.
 */
export const privateTmp = choice<PrivateTmpValue>({
  name: 'PrivateTmp',
  since: 209,
  about: {
    denies: 'Files and sockets of others in /tmp and /var/tmp',
    when: 'Nothing there was shared: no socket, and no file that the daemon did not make; disconnected where nothing was put there',
    rules: 'process-directives.md',
  },
  choices: ['no', 'yes', 'disconnected'],
  newer: { disconnected: { since: 257, before: 'yes' } },
  infer(profile, context, plans) {
    if (!notForOthersPrograms.includes(context.level) || readsWhatOthersMade(profile)) return undefined;
    if (plans.behaviours.some((behaviour) => refusal('yes', behaviour) !== undefined)) return undefined;
    const uses = plans.behaviours.some((behaviour) => touching(behaviour, places, changingActs));
    if (uses || !isWhole(profile))
      return {
        value: 'yes',
        reason: 'What it has in /tmp and /var/tmp is its own: nothing there was shared with others.',
        grants: [],
      };
    return { value: 'disconnected', reason: 'It put nothing into /tmp or /var/tmp.', grants: [] };
  },
  against: (profile, context) => {
    if (!notForOthersPrograms.includes(context.level)) return `not at --level ${context.level}`;
    return readsWhatOthersMade(profile) ? 'it used files in /tmp that it did not make' : undefined;
  },
  mounts: (value) =>
    value === 'no' ? [] : places.map((path) => ({ flag: 'private-tmp', path, by: 'PrivateTmp' })),
  denies: refusal,
});

function refusal(value: PrivateTmpValue, behaviour: Behaviour): string | undefined {
  if (value === 'no') return undefined;
  const shared = touching(behaviour, places, sharing);
  if (shared !== undefined) return shared.act === 'bind' ? 'a socket unseen by others' : 'ENOENT';
  return touching(behaviour, places, new Set(['execute', 'map'])) ? 'ENOENT' : undefined;
}

/** A file below /tmp that was read or changed, though nothing in the trace made it. */
function readsWhatOthersMade(profile: Profile): boolean {
  return Object.entries(profile.paths).some(([path, acts]) => {
    if (!places.some((place) => isBelow(path, place))) return false;
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
