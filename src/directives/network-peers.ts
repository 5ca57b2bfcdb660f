import type { Profile } from '../profile/profile.ts';
import { mostEndpoints } from '../profile/recorder.ts';
import type { Grant } from './grant.ts';
import { addressWord, isInternet, isLoopback, isWildcard, packetAddress } from './internet-address.ts';
import { witness } from './path-needs.ts';

/** Whether an internet socket was made or used. */
export function usesInternet(profile: Profile): boolean {
  return (
    Object.keys(profile.families).some(isInternet) ||
    profile.endpoints.some(({ family }) => isInternet(family))
  );
}

/** Whom a daemon met on the internet families. */
export interface NetworkPeers {
  /** Systemd's words for addresses, each with what was done there. */
  grants: Grant[];
  /** Where it waits for others than this host: `0.0.0.0 port 80`. */
  listensOutside: string[];
  /** Whether it called an address that is not this host's loopback. */
  callsOut: boolean;
  /** Whether the profile may not hold all of them. */
  isCut: boolean;
}

export function networkPeers(profile: Profile): NetworkPeers {
  const grants = new Map<string, Grant>();
  const listensOutside = new Set<string>();
  let listens = false;
  let callsOut = false;
  for (const { act, family, address, port, evidence } of profile.endpoints) {
    const met = isInternet(family) ? packetAddress(address) : undefined;
    if (met === undefined) continue;
    const isOutside = !isLoopback(met);
    if (act === 'bind') {
      listens = true;
      if (isOutside || isWildcard(address)) listensOutside.add(`${address} port ${port}`);
      continue;
    }
    callsOut ||= isOutside && act !== 'accept';
    const value = addressWord(met);
    const grant = grants.get(value) ?? { value, witnesses: [], reason: 'met', review: undefined };
    grant.witnesses.push(witness(act === 'connect' ? `${address} port ${port}` : address, evidence));
    if (isOutside && act === 'accept')
      grant.review = 'who calls this daemon changes, and nobody else gets through';
    grants.set(value, grant);
  }
  if (listens && !grants.has('localhost')) {
    const reason = 'who listens is asked from this host at least';
    grants.set('localhost', { value: 'localhost', witnesses: [], reason, review: undefined });
  }
  return {
    grants: [...grants.values()].sort((a, b) => (a.value < b.value ? -1 : 1)),
    listensOutside: [...listensOutside].sort(),
    callsOut,
    isCut: profile.endpoints.length >= mostEndpoints,
  };
}
