import { type Behaviour, isCall } from '../behaviour.ts';
import { choice } from '../choice.ts';
import { firstRefused } from '../first-refused.ts';

const naming = new Set(['sethostname', 'setdomainname']);

type HostName = 'no' | 'yes' | 'private';

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#ProtectHostname=
 *
 * Under `private` a name of its own may be changed, which the host does not see: who changes names means the host's.
 */
export const protectHostname = choice<HostName>({
  name: 'ProtectHostname',
  since: 242,
  about: { denies: "Changing the host's name", when: 'sethostname and setdomainname were not called' },
  choices: ['no', 'yes', 'private'],
  newer: { private: { since: 258, before: 'no' } },
  // `yes:NAME` gives the unit that name.
  named: (word, { systemd }) =>
    systemd < 258 ? word : word.replace(/^(private|yes|y|true|t|on|1):.+$/is, '$1'),
  infer(_profile, _context, plans) {
    const refused = firstRefused(plans.behaviours, (behaviour) => refusal('yes', behaviour));
    if (refused !== undefined) return refused;
    return { value: 'yes', reason: "The host's name was not changed.", grants: [] };
  },
  denies: refusal,
});

function refusal(value: HostName, behaviour: Behaviour): string | undefined {
  if (value === 'no' || !isCall(behaviour, naming)) return undefined;
  return value === 'yes' ? 'EPERM' : 'unseen by the host';
}
