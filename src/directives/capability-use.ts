import { labelHolds } from '../profile/capability-label.ts';
import type { Evidence } from '../profile/profile.ts';

/** A capability that something in a trace used. */
export interface CapabilityUse {
  /** `CAP_CHOWN` */
  name: string;
  /** What it was used for: a path, an address, the class of a call's arguments. */
  subject: string;
  /** Capabilities of which any would have done as well. */
  instead?: readonly string[] | undefined;
  /** What would be met without it, where that is not EPERM. */
  errno?: string | undefined;
  /** Whether it works for nobody without. */
  isCertain?: boolean | undefined;
  evidence: Evidence;
}

/** Whether one of the capabilities that somebody has is enough. */
export function isEnough(
  { name, instead = [] }: Pick<CapabilityUse, 'name' | 'instead'>,
  has: (name: string) => boolean,
): boolean {
  return has(name) || instead.some(has);
}

/**
 * Whether somebody who did it, or everybody who did, could use a capability: `as` says by which file system uid it was done, and with which
 * capabilities where these are not what that uid has by itself.
 */
export function couldUse(evidence: Evidence, name: string, who: 'some' | 'every' = 'some'): boolean {
  if (evidence.as === undefined) return true;
  const short = name.replace('CAP_', '');
  return evidence.as[who]((label) => labelHolds(label, short));
}
