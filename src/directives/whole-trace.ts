import type { Profile } from '../profile/profile.ts';

/** A trace that begins in the middle doesn't show what the start needed: ports, users, files of others, sockets that are open. */
export function isWhole(profile: Profile): boolean {
  return (
    profile.sources.length > 0 &&
    profile.sources.every(({ how, program }) => how !== 'attached' && program !== '')
  );
}
