import type { Profile } from '../profile/profile.ts';
import type { CapabilityUse } from './capability-use.ts';
import { runsSetId } from './set-id-programs.ts';
import { startUid } from './start-uid.ts';

/**
 * Tells of a use by the user as whom the daemon was started, who is not root, whether he held the capability from the start: by
 * AmbientCapabilities=, or by those of the file. No log shows them, but what worked tells, where it works for nobody without. Where a
 * set-user-ID program ran it tells nothing.
 */
export function heldFromStart(profile: Profile): (use: CapabilityUse) => boolean {
  const uid = startUid(profile);
  if (uid === undefined || uid === 0 || runsSetId(profile)) return () => false;
  return ({ isCertain, evidence }) => isCertain === true && evidence.as?.includes(String(uid)) === true;
}
