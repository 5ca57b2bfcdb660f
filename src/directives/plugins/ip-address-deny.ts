import type { Context } from '../context.ts';
import { directive, type Inferred } from '../directive.ts';
import { AddressList, addressWord, isAddressWord, isInternet, packetAddress } from '../internet-address.ts';
import { type NetworkPeers, networkPeers, usesInternet } from '../network-peers.ts';
import { appended } from '../unit-values.ts';
import { isWhole } from '../whole-trace.ts';

/** The words of IPAddressDeny= and IPAddressAllow=. What the second covers passes, whatever the first says. */
export interface AddressesValue {
  deny: string[];
  allow: string[];
}

/** With more than so many peers the daemon's peers are everybody. */
const mostAddresses = 256;

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.resource-control.html#IPAddressAllow=
 *
 * Packets that come in are held against where they come from, those that go out against where they go; loopback is no exception.
 * Sockets that systemd hands over follow the lists of the .socket unit.
 */
export const ipAddressDeny = directive<AddressesValue>({
  name: 'IPAddressDeny',
  since: 235,
  observes: ['socket', 'connect', 'sendto', 'sendmsg', 'sendmmsg', 'accept', 'accept4'],
  infer(profile, context) {
    if (context.level === 'relaxed') return undefined;
    if (!isWhole(profile)) {
      return context.network
        ? leftOut('the trace does not show the start, where sockets are opened')
        : undefined;
    }
    if (!usesInternet(profile))
      return { value: { deny: ['any'], allow: [] }, reason: 'No internet socket was used.', grants: [] };
    return context.network ? onlySeen(networkPeers(profile)) : undefined;
  },
  read(unit) {
    const deny = appended(unit('IPAddressDeny'));
    return deny === undefined ? undefined : { deny, allow: appended(unit('IPAddressAllow')) ?? [] };
  },
  denies({ deny, allow }, behaviour) {
    if (behaviour.kind !== 'endpoint' || behaviour.act === 'bind' || !isInternet(behaviour.family))
      return undefined;
    const peer = packetAddress(behaviour.address);
    if (peer === undefined || new AddressList(allow).has(peer) || !new AddressList(deny).has(peer))
      return undefined;
    // The first packet of a connection is dropped without a word; of a datagram the sender is told.
    return { accept: 'unreached by others', connect: 'hangs', send: 'EPERM' }[behaviour.act];
  },
  remedy(_value, behaviour) {
    const peer = behaviour.kind === 'endpoint' ? packetAddress(behaviour.address) : undefined;
    const words = peer === undefined ? [] : [addressWord(peer)];
    return { how: 'add', assignment: { key: 'IPAddressAllow', words, style: 'plain' } };
  },
  ignores: (words) => words.filter((word) => !isAddressWord(word)),
  against(profile, context) {
    if (context.level === 'relaxed') return 'not at --level relaxed';
    if (!isWhole(profile)) return 'the trace does not show the start, where sockets are opened';
    if (context.network || !usesInternet(profile)) return undefined;
    return 'internet sockets were used, and whom they meet another time is not known (--network names those that were met)';
  },
  besides(value, unit) {
    const isWithin = unit.deny.includes('any') && unit.allow.every((word) => value.allow.includes(word));
    return isWithin || value.deny.length === 0 ? undefined : value;
  },
  assignments({ deny, allow }: AddressesValue, _context: Context) {
    if (deny.length === 0) return [];
    const line = (key: string, words: string[]) => ({ key, words, style: 'plain' as const });
    const lines = [line('IPAddressDeny', deny), line('IPAddressAllow', [])];
    return allow.length === 0 ? lines : [...lines, line('IPAddressAllow', allow)];
  },
});

function onlySeen({ grants, listensOutside, callsOut, isCut }: NetworkPeers): Inferred<AddressesValue> {
  if (isCut || grants.length > mostAddresses) return leftOut('it met too many addresses to name each');
  const allow = grants.map(({ value }) => value);
  const named = allow.length === 0 ? 'nobody' : brief(allow);
  const warnings: string[] = [];
  if (listensOutside.length > 0)
    warnings.push(
      `The daemon listens on ${brief(listensOutside)}, and with --network ${named} gets through: add whoever else should to IPAddressAllow=.`,
    );
  if (callsOut)
    warnings.push(
      'IPAddressAllow= holds the addresses that were met, not their names: when a name moves to another address the daemon does not get there.',
    );
  return {
    value: { deny: ['any'], allow },
    reason: 'Packets from and to other addresses than those that were met are dropped.',
    grants,
    warnings,
  };
}

function brief(words: readonly string[]): string {
  const [first = '', ...rest] = words;
  return rest.length === 0
    ? `only ${first}`.replace(/^only (?=.* port )/, '')
    : `${first} and ${rest.length} more`;
}

function leftOut(why: string): Inferred<AddressesValue> {
  const sentence = `IPAddressAllow= is left out: ${why}.`;
  return {
    value: { deny: [], allow: [] },
    reason: `Left out: ${why}.`,
    grants: [],
    warnings: [sentence],
    isAdvice: true,
  };
}
