import type { Behaviour } from './behaviour.ts';
import type { Against } from './directive.ts';

/** The first behaviour that would be refused, with what the daemon would see; undefined where all pass. */
export function firstRefused(
  behaviours: readonly Behaviour[],
  refuses: (behaviour: Behaviour) => string | undefined,
): Against | undefined {
  for (const behaviour of behaviours) {
    const errno = refuses(behaviour);
    if (errno !== undefined) return { behaviour, errno };
  }
  return undefined;
}
