import type { Evidence } from '../profile/profile.ts';

/** A capability that something in a trace used. */
export interface CapabilityUse {
  /** `CAP_CHOWN` */
  name: string;
  /** What it was used for: a path, an address, the class of a call's arguments. */
  subject: string;
  evidence: Evidence;
}
