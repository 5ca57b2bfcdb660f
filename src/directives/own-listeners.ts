import type { Endpoint } from '../profile/profile.ts';
import { isLoopback, packetAddress } from './internet-address.ts';

/** Tells of an endpoint whether the daemon that connects there is the one that listens there: then nobody else is needed. */
export function ownListeners(endpoints: readonly Endpoint[]): (endpoint: Endpoint) => boolean {
  const bound = new Set<string>();
  for (const { act, family, address, port } of endpoints)
    if (act === 'bind') bound.add(`${family} ${port} ${address}`);
  return ({ act, family, address, port }) => {
    if (act !== 'connect' && act !== 'send') return false;
    if (address.startsWith('@')) return bound.has(`${family} ${port} ${address}`);
    const peer = packetAddress(address);
    if (port === 0 || peer === undefined || !isLoopback(peer)) return false;
    // A socket of IPv6 that is bound to any address hears IPv4 as well: https://man7.org/linux/man-pages/man7/ipv6.7.html
    return (
      bound.has(`${family} ${port} ${address}`) ||
      bound.has(`${family} ${port} ${peer}`) ||
      bound.has(`AF_INET6 ${port} ::`) ||
      (family === 'AF_INET' && bound.has(`AF_INET ${port} 0.0.0.0`))
    );
  };
}
