import type { Behaviour } from './behaviour.ts';

/** What becomes of a mount in a namespace of the unit's own. */
export const unseen = 'mounts unseen by others';

/**
 * Whether others, beside the daemon, would miss something that it mounts, had its unit a mount namespace of its own: what happens in there
 * never comes out. https://github.com/systemd/systemd/blob/v252/src/core/namespace.c (setup_namespace: MS_SLAVE)
 */
export function isSeenByOthers(behaviour: Behaviour): boolean {
  return behaviour.kind === 'privileged' && behaviour.what === 'seen by others';
}
