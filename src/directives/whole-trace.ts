import type { Profile } from '../profile/profile.ts';

/** A trace that begins in the middle doesn't show what the start needed: ports, users, files of others, sockets that are open. */
/** Why nothing can be said of the start; undefined where the trace shows it. */
export function unseenStart(profile: Profile): string | undefined {
  return isWhole(profile) ? undefined : 'the trace does not show the start';
}

export function isWhole(profile: Profile): boolean {
  return (
    profile.sources.length > 0 &&
    profile.sources.every(({ how, program }) => how !== 'attached' && program !== '')
  );
}
