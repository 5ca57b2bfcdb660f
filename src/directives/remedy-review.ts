import { bindOf } from '../paths/bind-word.ts';
import { whyExecutable } from './executable-paths.ts';
import { whyHidden } from './hidden-places.ts';
import { reviewOfCapability } from './needed-capabilities.ts';
import { withoutDash } from './path-needs.ts';
import { reviewOfDevice } from './plugins/device-policy.ts';
import { reviewOfFamily } from './plugins/restrict-address-families.ts';
import { reviewOfNamespace } from './plugins/restrict-namespaces.ts';
import { reviewOfCall } from './plugins/system-call-filter.ts';
import { whyReview } from './sensitive-places.ts';

/**
 * Why it would be dangerous, wherever it comes from, to add a word to a list that grants, or to take one out of a list that refuses;
 * undefined where it is not known to be.
 */
export function reviewOfWord(key: string, word: string): string | undefined {
  switch (key) {
    case 'ReadWritePaths':
    case 'ReadOnlyPaths':
      return whyReview(withoutDash(word));
    case 'BindPaths':
      return whyReview(bindOf(word).source) ?? whyHidden(bindOf(word).source);
    case 'BindReadOnlyPaths':
      return whyHidden(bindOf(word).source);
    case 'InaccessiblePaths':
      return whyHidden(withoutDash(word));
    case 'ExecPaths':
    case 'NoExecPaths':
      return whyExecutable(withoutDash(word));
    case 'AmbientCapabilities':
    case 'CapabilityBoundingSet':
      return reviewOfCapability(word);
    case 'DeviceAllow':
      return reviewOfDevice(word);
    case 'RestrictAddressFamilies':
      return reviewOfFamily(word);
    case 'RestrictNamespaces':
      return reviewOfNamespace(word);
    case 'SystemCallFilter':
      return reviewOfCall(word);
    default:
      return undefined;
  }
}
