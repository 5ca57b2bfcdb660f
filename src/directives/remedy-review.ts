import { reviewOfCapability } from './needed-capabilities.ts';
import { withoutDash } from './path-needs.ts';
import { reviewOfFamily } from './plugins/restrict-address-families.ts';
import { reviewOfCall } from './plugins/system-call-filter.ts';
import { whyReview } from './sensitive-places.ts';

/** Why adding a word to a directive would be dangerous wherever it comes from; undefined where it is not known to be. */
export function reviewOfWord(key: string, word: string): string | undefined {
  switch (key) {
    case 'ReadWritePaths':
    case 'BindPaths':
      return whyReview(withoutDash(word));
    case 'CapabilityBoundingSet':
      return reviewOfCapability(word);
    case 'RestrictAddressFamilies':
      return reviewOfFamily(word);
    case 'SystemCallFilter':
      return reviewOfCall(word);
    default:
      return undefined;
  }
}
