import { BlockList, isIP } from 'node:net';

/**
 * Addresses of the internet families, as packets carry them: what IPAddressAllow= and IPAddressDeny= look at.
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.resource-control.html#IPAddressAllow=
 */

export function isInternet(family: string): boolean {
  return family === 'AF_INET' || family === 'AF_INET6';
}

/**
 * The address in the packets: IPv4 where a socket of IPv6 talks to it (`::ffff:192.0.2.1`), this host where it connects to the
 * address that stands for any. Undefined for what is no address: a log may hold anything.
 */
export function packetAddress(address: string): string | undefined {
  // The interface behind `%` is not part of what packets carry.
  const bare = address.replace(/%[\w.-]{1,16}$/, '');
  if (bare.includes('%')) return undefined;
  const plain = /^::ffff:(\d[\d.]*)$/i.exec(bare)?.[1] ?? bare;
  if (isIP(plain) === 0) return undefined;
  if (plain === '0.0.0.0') return '127.0.0.1';
  return plain === '::' ? '::1' : plain;
}

/** Bound to it, a socket hears on every address of the host. */
export function isWildcard(address: string): boolean {
  return ['0.0.0.0', '::', '::ffff:0.0.0.0'].includes(address);
}

const longest = { ipv4: 32, ipv6: 128 };

/** Names that stand for prefixes, as the manual lists them. */
const namedPrefixes: Readonly<Record<string, readonly string[]>> = {
  any: ['0.0.0.0/0', '::/0'],
  localhost: ['127.0.0.0/8', '::1/128'],
  'link-local': ['169.254.0.0/16', 'fe80::/64'],
  multicast: ['224.0.0.0/4', 'ff00::/8'],
};

/** What a list of systemd's words for addresses covers: names, prefixes, addresses; what is none of these it ignores. */
export class AddressList {
  /** One list a version: a single one would hold IPv4 addresses against prefixes of IPv6 too, which systemd doesn't. */
  readonly #lists = { ipv4: new BlockList(), ipv6: new BlockList() };

  constructor(words: readonly string[]) {
    for (const word of words) {
      const named = Object.hasOwn(namedPrefixes, word) ? namedPrefixes[word] : undefined;
      for (const prefix of named ?? [word]) this.#add(prefix);
    }
  }

  has(address: string): boolean {
    const version = versionOf(address);
    return this.#lists[version].check(address, version);
  }

  #add(prefix: string): void {
    if (!isPrefix(prefix)) return;
    const [address = '', length] = prefix.split('/');
    const version = versionOf(address);
    this.#lists[version].addSubnet(
      address,
      length === undefined ? longest[version] : Number(length),
      version,
    );
  }
}

/** Whether systemd understands a word of IPAddressAllow= or IPAddressDeny=. */
export function isAddressWord(word: string): boolean {
  return Object.hasOwn(namedPrefixes, word) || isPrefix(word);
}

function isPrefix(word: string): boolean {
  const [address = '', length, ...more] = word.split('/');
  if (isIP(address) === 0 || more.length > 0) return false;
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= longest[versionOf(address)]);
}

function versionOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

const named = ['localhost', 'link-local', 'multicast'].map((name) => ({
  name,
  list: new AddressList([name]),
}));

/** systemd's word for an address that packets carry: the name of what it belongs to, else the address alone. */
export function addressWord(address: string): string {
  const name = named.find(({ list }) => list.has(address))?.name;
  return name ?? `${address}/${longest[versionOf(address)]}`;
}

/** The address of a word that stands for a single one; undefined for a name or a wider prefix. */
export function singleAddress(word: string): string | undefined {
  const [address = '', length] = word.split('/');
  const isSingle =
    isPrefix(word) && Number(length ?? longest[versionOf(address)]) === longest[versionOf(address)];
  return isSingle ? address : undefined;
}

export function isLoopback(address: string): boolean {
  return addressWord(address) === 'localhost';
}
