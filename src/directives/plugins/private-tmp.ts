import { changingActs } from '../../profile/acts.ts';
import { type Behaviour, touching } from '../behaviour.ts';
import { choice } from '../choice.ts';
import { firstRefused } from '../first-refused.ts';
import { notAtLevel } from '../on-off.ts';
import { missedInOwn, temporaryPlaces } from '../own-temporary.ts';
import { isWhole } from '../whole-trace.ts';

type PrivateTmpValue = 'no' | 'yes' | 'disconnected';

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
    if (!plans.hasOwnTemporary)
      return (
        notAtLevel(context) ??
        firstRefused(plans.behaviours, missedInOwn) ??
        'it used files in /tmp that it did not make'
      );
    const uses = plans.behaviours.some((behaviour) => touching(behaviour, temporaryPlaces, changingActs));
    if (uses || !isWhole(profile))
      return {
        value: 'yes',
        reason: 'What it has in /tmp and /var/tmp is its own: nothing there was shared with others.',
        grants: [],
      };
    return { value: 'disconnected', reason: 'It put nothing into /tmp or /var/tmp.', grants: [] };
  },
  mounts: (value) =>
    value === 'no' ? [] : temporaryPlaces.map((path) => ({ flag: 'private-tmp', path, by: 'PrivateTmp' })),
  denies: refusal,
});

function refusal(value: PrivateTmpValue, behaviour: Behaviour): string | undefined {
  return value === 'no' ? undefined : missedInOwn(behaviour);
}
