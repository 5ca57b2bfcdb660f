import { authenticationOf } from '../profile/describe-files.ts';
import type { Profile } from '../profile/profile.ts';
import { factsOf } from './path-facts.ts';

/**
 * Whether the daemon asks PAM who somebody is. None of what that takes shows in a trace in which nobody logged in: password
 * files, set-user-ID helpers, the user's home. The library alone tells nothing (database servers map it and never call it), so
 * rules of PAM must have been read, or must be there under the name of a program that needs the library.
 * https://man7.org/linux/man-pages/man8/pam.8.html
 */
export function authenticatesPeople(profile: Profile): boolean {
  return Object.entries(profile.paths).some(([path, acts]) => {
    if (acts.read !== undefined && path.startsWith('/etc/pam.d/')) return true;
    if (acts.execute === undefined) return false;
    const needsLibrary = factsOf(profile, path).needs.some((library) => /\/libpam\.so(?:\.|$)/.test(library));
    return needsLibrary && factsOf(profile, authenticationOf(path)).kind.includes('file');
  });
}
