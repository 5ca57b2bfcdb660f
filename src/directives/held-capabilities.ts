import type { Profile } from '../profile/profile.ts';
import type { CapabilityUse } from './capability-use.ts';
import { runsSetId } from './set-id-programs.ts';
import { startUid } from './start-uid.ts';

/** Calls that work for nobody without the capability, whatever else holds. */
const certain: ReadonlySet<string> = new Set([
  'bind',
  'chroot',
  'clock_settime',
  'clock_settime64',
  'delete_module',
  'finit_module',
  'init_module',
  'mount',
  'setdomainname',
  'setgroups',
  'setgroups32',
  'sethostname',
  'settimeofday',
  'socket',
  'umount2',
]);

/**
 * Tells of a use by the user as whom the daemon was started, who is not root, whether he held the capability from the start: by
 * AmbientCapabilities=, or by those of the file. No log shows them, but what worked tells. Where a set-user-ID program ran it
 * tells nothing.
 */
export function heldFromStart(profile: Profile): (use: CapabilityUse) => boolean {
  const uid = startUid(profile);
  if (uid === undefined || uid === 0 || runsSetId(profile)) return () => false;
  return ({ subject, evidence }) =>
    (certain.has(evidence.call) || (/chown/.test(evidence.call) && subject.startsWith('another owner'))) &&
    evidence.as?.includes(String(uid)) === true;
}
