import { isCall } from '../behaviour.ts';
import { onOff } from '../on-off.ts';

const naming = new Set(['sethostname', 'setdomainname']);

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#ProtectHostname= */
export const protectHostname = onOff({
  name: 'ProtectHostname',
  since: 242,
  about: { denies: "Changing the host's name", when: 'sethostname and setdomainname were not called' },
  reason: "The host's name was not changed.",
  refuses: (behaviour) => (isCall(behaviour, naming) ? 'EPERM' : undefined),
});
