import { covers, isBelow, parentOf } from '../paths/covering-tree.ts';
import { readOwner } from '../paths/owner.ts';
import type { Profile } from '../profile/profile.ts';
import type { KnownPlace } from './known-places.ts';
import { ownersOf } from './path-facts.ts';
import { isExpressible } from './path-needs.ts';
import { usersOf } from './ran-as.ts';

/**
 * Whether a file is one that others than its owner and group can't open, by its own mode or by that of a directory on the way, as
 * far as somebody looked.
 */
export function isClosed(profile: Profile, path: string): boolean {
  if (refusesOthers(profile, path, 0o004)) return true;
  for (let at = parentOf(path); at !== '/'; at = parentOf(at))
    if (refusesOthers(profile, at, 0o001)) return true;
  return false;
}

function refusesOthers(profile: Profile, path: string, bit: number): boolean {
  return ownersOf(profile, path).some(({ mode }) => (mode & bit) === 0);
}

/**
 * Closed configuration that a module of PAM, or of the user database, may read for a login: by its name, for there are too many.
 * https://packages.debian.org/search?keywords=libpam-
 */
const ofLogins =
  /pam|nss|ldap|krb5|kerberos|radius|tacacs|duo|yubi|u2f|otp|authenticator|sasl|sss|winbind|samba|security|login/i;

/** Configuration that not everybody may read, but who is root: mostly passwords. */
export function closedConfiguration(profile: Profile): KnownPlace[] {
  return Object.keys(profile.closed)
    .filter((path) => isBelow(path, '/etc') && isExpressible(path))
    .map((path) => ({
      path,
      reason: 'not everybody may read it, but root may',
      common: true,
      login: ofLogins.test(path),
    }));
}

/**
 * What lies where the daemon serves as another user than root, and is closed to that user: then nothing that it does there is missed,
 * but to the root that it still is elsewhere it would be open.
 */
export function closedToUsers(profile: Profile, authenticates: boolean): KnownPlace[] {
  const everyUser = usersOf(profile);
  return Object.entries(profile.closed).flatMap(([path, owners]) => {
    const place = `/${path.split('/')[1]}`;
    if (isBelow(path, '/etc') || !isUsedByOthers(profile, place)) return [];
    const isOpen = (owner: string) => {
      const { uid, mode } = readOwner(owner);
      // Who logs in is nobody's guess, and whose group it is nobody knows here.
      const isTheirs = uid !== 0 && (authenticates || everyUser.has(uid));
      return isTheirs || (mode & 0o055) !== 0;
    };
    if (!isExpressible(path) || owners.some(isOpen)) return [];
    return [{ path, reason: 'only root may read it, and the daemon is another user there', common: true }];
  });
}

/** Whether something was done below a place, and all of it as other users than root. */
function isUsedByOthers(profile: Profile, place: string): boolean {
  const uses = Object.entries(profile.paths).flatMap(([path, acts]) =>
    covers(place, path) ? Object.values(acts) : [],
  );
  return (
    uses.length > 0 && uses.every(({ as }) => as?.every((label) => /^[1-9]\d*(?: |$)/.test(label)) === true)
  );
}
