import { isCall, isCallBeside } from '../behaviour.ts';
import { choice } from '../choice.ts';
import { firstRefused } from '../first-refused.ts';
import { notAtLevel } from '../on-off.ts';

const keyrings = new Set(['add_key', 'keyctl', 'request_key']);

/** What keyctl(2) does without the right to a key: https://man7.org/linux/man-pages/man2/keyctl.2.html */
const harmless = new Set([
  'KEYCTL_CAPABILITIES',
  'KEYCTL_DESCRIBE',
  'KEYCTL_GET_KEYRING_ID',
  'KEYCTL_JOIN_SESSION_KEYRING',
  'KEYCTL_SET_REQKEY_KEYRING',
]);

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#KeyringMode=
 *
 * A session keyring of its own, which is empty. No call is refused, but keys that others have put into the keyring of the user are
 * no longer found (request_key) nor read (keyctl); what is added to its own is.
 */
export const keyringMode = choice<'inherit' | 'shared' | 'private'>({
  name: 'KeyringMode',
  since: 235,
  about: {
    denies: "Keys in the user's keyring",
    when: 'add_key, keyctl and request_key were not called',
    rules: 'process-directives.md',
  },
  choices: ['inherit', 'shared', 'private'],
  observes: [...keyrings],
  infer(_profile, context, plans) {
    const refused =
      notAtLevel(context) ??
      firstRefused(plans.behaviours, (seen) => (isCall(seen, keyrings) ? 'another keyring' : undefined));
    if (refused !== undefined) return refused;
    return { value: 'private', reason: "No key of the kernel's keyrings was used.", grants: [] };
  },
  denies(value, behaviour) {
    if (value !== 'private') return undefined;
    if (isCall(behaviour, new Set(['request_key']))) return 'ENOKEY';
    return isCallBeside(behaviour, new Set(['keyctl']), harmless) ? 'EACCES' : undefined;
  },
  remedy: () => ({ how: 'add', assignment: { key: 'KeyringMode', words: ['shared'], style: 'plain' } }),
});
