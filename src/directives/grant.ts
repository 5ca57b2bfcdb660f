import type { Place } from '../trace/event.ts';

/** A fact of the trace that shaped a setting: which call, on what, where in the log. */
export interface Witness {
  call: string;
  /** The path, address or family that the call was about; empty for the call alone. */
  subject: string;
  first: Place;
  count: number;
}

/** One thing that a setting lets through, and why: witnesses, or a stated reason where nothing in the trace shows it. */
export interface Grant {
  value: string;
  witnesses: Witness[];
  reason: string;
  /** Set where the grant would be dangerous wherever it came from: a person must look at it. */
  review: string | undefined;
}
