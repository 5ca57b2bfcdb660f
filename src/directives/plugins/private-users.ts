import { choice } from '../choice.ts';
import {
  againstUserNamespace,
  keptInUserNamespace,
  type PrivateUsersValue,
  refusedInUserNamespace,
} from '../user-namespace.ts';

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#PrivateUsers=
 *
 * Root and the user of the unit are themselves, everybody else is nobody. Files of root are still root's, groups still open what
 * they open, PID 1 and the journal still know who speaks; but no capability counts outside, ids of others can't be taken on nor
 * given to files, and a peer on a socket is nobody. So only where nothing of that was seen.
 */
export const privateUsers = choice<PrivateUsersValue>({
  name: 'PrivateUsers',
  since: 232,
  about: {
    denies: 'Capabilities over the host, and other users',
    when: 'No capability is kept, no user or group is changed, nothing is given away, no socket is served',
    rules: 'process-directives.md',
  },
  choices: ['no', 'full', 'identity', 'managed', 'self', 'yes'],
  newer: {
    identity: { since: 257, before: 'no' },
    self: { since: 257, before: 'yes' },
    full: { since: 258, before: 'no' },
    managed: { since: 260, before: 'yes' },
  },
  infer(profile, context, plans) {
    const why = againstUserNamespace(profile, context, plans);
    if (why !== undefined) return why;
    return {
      value: 'yes',
      reason: 'It needs no capability, becomes nobody else, and gives files to nobody else.',
      grants: [],
    };
  },
  denies: refusedInUserNamespace,
  keeps: keptInUserNamespace,
});
