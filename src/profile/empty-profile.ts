import type { Profile } from './profile.ts';

/** A profile of nothing: the neutral element of `mergeProfiles`. */
export function emptyProfile(): Profile {
  return {
    schema: 1,
    sources: [],
    log: { lines: 0, call: 0, continuation: 0, signal: 0, exit: 0, notice: 0, other: 0, unread: 0 },
    syscalls: {},
    unwatched: [],
    abis: {},
    paths: {},
    tried: {},
    moves: [],
    links: [],
    families: {},
    endpoints: [],
    callers: [],
    credentials: [],
    privileged: [],
    unresolved: {},
    beside: {},
    shipped: {},
    closed: {},
    neighbours: {},
    prepared: {},
    rotated: {},
    limits: [],
    files: {},
  };
}
