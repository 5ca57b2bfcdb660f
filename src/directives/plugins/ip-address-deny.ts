import { directive, type Inferred } from '../directive.ts';
import {
  AddressList,
  addressWord,
  isAddressWord,
  isInternet,
  packetAddress,
  singleAddress,
} from '../internet-address.ts';
import { type NetworkPeers, networkPeers, usesInternet } from '../network-peers.ts';
import { notAtLevel } from '../on-off.ts';
import { appended } from '../unit-values.ts';
import { unseenStart } from '../whole-trace.ts';

/** The words of IPAddressDeny= and IPAddressAllow=. What the second covers passes, whatever the first says. */
export class AddressesValue {
  readonly deny: readonly string[];
  readonly allow: readonly string[];
  readonly #denied: AddressList;
  readonly #allowed: AddressList;

  constructor(deny: readonly string[], allow: readonly string[]) {
    this.deny = deny;
    this.allow = allow;
    this.#denied = new AddressList(deny);
    this.#allowed = new AddressList(allow);
  }

  refuses(address: string): boolean {
    return this.#denied.has(address) && !this.#allowed.has(address);
  }

  /** Whether all that a word covers passes: told of single addresses, and of words that stand in a list as they are. */
  passes(word: string): boolean {
    if (this.allow.includes(word) || this.allow.includes('any')) return true;
    const address = singleAddress(word);
    if (address !== undefined) return !this.refuses(address);
    return !this.deny.includes(word) && !this.deny.includes('any');
  }
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
  about: {
    denies: 'Packets from and to other addresses',
    when: 'No internet socket was used; with --network all addresses but those that were met',
    rules: 'network.md',
  },
  companions: ['IPAddressAllow'],
  observes: ['socket', 'connect', 'sendto', 'sendmsg', 'sendmmsg', 'accept', 'accept4'],
  infer(profile, context) {
    const why = notAtLevel(context);
    if (why !== undefined) return why;
    const unseen = unseenStart(profile);
    if (unseen !== undefined) {
      const why = `${unseen}, where sockets are opened`;
      return context.network ? leftOut(why) : why;
    }
    if (!usesInternet(profile))
      return { value: new AddressesValue(['any'], []), reason: 'No internet socket was used.', grants: [] };
    if (context.network) return onlySeen(networkPeers(profile));
    return 'internet sockets were used, and whom they meet another time is not known (--network names those that were met)';
  },
  read(unit) {
    const deny = appended(unit('IPAddressDeny'));
    return deny === undefined ? undefined : new AddressesValue(deny, appended(unit('IPAddressAllow')) ?? []);
  },
  denies(value, behaviour) {
    if (behaviour.kind !== 'endpoint' || behaviour.act === 'bind' || !isInternet(behaviour.family))
      return undefined;
    const peer = packetAddress(behaviour.address);
    if (peer === undefined || !value.refuses(peer)) return undefined;
    // The first packet of a connection is dropped without a word; of a datagram the sender is told.
    return { accept: 'unreached by others', connect: 'hangs', send: 'EPERM' }[behaviour.act];
  },
  remedy(_value, behaviour) {
    const peer = behaviour.kind === 'endpoint' ? packetAddress(behaviour.address) : undefined;
    const words = peer === undefined ? [] : [addressWord(peer)];
    return { how: 'add', assignment: { key: 'IPAddressAllow', words, style: 'plain' } };
  },
  ignores: (words) => words.filter((word) => !isAddressWord(word)),
  besides(value, unit) {
    if (value.deny.length === 0) return undefined;
    const shared = unit.allow.filter((word) => value.passes(word));
    if (unit.deny.includes('any') && shared.length === unit.allow.length) return undefined;
    const allow = new Set([...value.allow.filter((word) => unit.passes(word)), ...shared]);
    return new AddressesValue(value.deny, [...allow]);
  },
  assignments({ deny, allow }) {
    if (deny.length === 0) return [];
    const line = (key: string, words: readonly string[]) => ({
      key,
      words: [...words],
      style: 'plain' as const,
    });
    const lines = [line('IPAddressDeny', deny), line('IPAddressAllow', [])];
    return allow.length === 0 ? lines : [...lines, line('IPAddressAllow', allow)];
  },
});

function onlySeen({ grants, listensOutside, callsOut, isCut }: NetworkPeers): Inferred<AddressesValue> {
  if (isCut || grants.length > mostAddresses) return leftOut('it met too many addresses to name each');
  const allow = grants.map(({ value }) => value);
  const named = allow.length === 0 ? 'nobody' : `only ${brief(allow)}`;
  const warnings: string[] = [];
  if (listensOutside.length > 0)
    warnings.push(
      `The daemon listens on ${brief(listensOutside)}, and with --network ${named} can reach it: add whoever else should to IPAddressAllow=.`,
    );
  if (callsOut)
    warnings.push(
      'IPAddressAllow= holds the addresses that were met, not their names: when a name moves to another address the daemon does not get there.',
    );
  return {
    value: new AddressesValue(['any'], allow),
    reason: 'Packets from and to other addresses than those that were met are dropped.',
    grants,
    warnings,
  };
}

function brief(words: readonly string[]): string {
  const [first = '', ...rest] = words;
  return rest.length === 0 ? first : `${first} and ${rest.length} more`;
}

function leftOut(why: string): Inferred<AddressesValue> {
  const sentence = `IPAddressAllow= is left out: ${why}.`;
  return {
    value: new AddressesValue([], []),
    reason: `Left out: ${why}.`,
    grants: [],
    warnings: [sentence],
    isAdvice: true,
  };
}
