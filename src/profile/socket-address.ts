import type { Value } from '../trace/event.ts';
import { field, numberOf, stringBytes } from '../trace/values.ts';

/** A `struct sockaddr` as strace prints it; texts are byte strings. */
export interface SocketAddress {
  family: string;
  /** The path of a socket in the file system. */
  path: string | undefined;
  /** Any other address: numeric for IP, `@name` for an abstract AF_UNIX name. */
  address: string | undefined;
  port: number;
}

/** The older names of address families, and those that are numbers in a log taken with `-X raw` (include/linux/socket.h). */
const familyNames: Readonly<Record<string, string>> = {
  AF_LOCAL: 'AF_UNIX',
  AF_FILE: 'AF_UNIX',
  AF_ROUTE: 'AF_NETLINK',
};

/** `AF_INET`; `PF_INET` of old versions too. Undefined where it is no name. */
export function socketFamily(value: Value | undefined): string | undefined {
  if (value?.kind !== 'text') return undefined;
  const name = value.text.replace(/^PF_/, 'AF_');
  if (/^AF_[A-Z0-9_]+$/.test(name)) return familyNames[name] ?? name;
  const number = numberOf(value);
  return number === undefined ? undefined : familyOfNumber(number);
}

/** https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/include/linux/socket.h */
const familiesByNumber: Readonly<Record<number, string>> = {
  1: 'AF_UNIX',
  2: 'AF_INET',
  10: 'AF_INET6',
  15: 'AF_KEY',
  16: 'AF_NETLINK',
  17: 'AF_PACKET',
  29: 'AF_CAN',
  31: 'AF_BLUETOOTH',
  38: 'AF_ALG',
  40: 'AF_VSOCK',
  44: 'AF_XDP',
};

function familyOfNumber(number: number): string | undefined {
  return familiesByNumber[number];
}

/** Undefined for NULL, for an address that was not decoded, and for the empty address of an unnamed peer. */
export function socketAddress(argument: Value | undefined): SocketAddress | undefined {
  if (argument?.kind === 'change') return socketAddress(argument.after);
  if (argument?.kind !== 'struct') return undefined;
  const family = socketFamily(field(argument, 'sa_family'));
  if (family === undefined) return undefined;
  if (family === 'AF_UNIX') return unixAddress(argument);
  const address = ipAddress(argument);
  return { family, path: undefined, address, port: portOf(argument) };
}

function unixAddress(argument: Value): SocketAddress | undefined {
  const name = field(argument, 'sun_path');
  if (name?.kind !== 'string') return undefined;
  const bytes = stringBytes(name) ?? '';
  const end = bytes.indexOf('\0');
  return name.abstract
    ? { family: 'AF_UNIX', path: undefined, address: `@${bytes}`, port: 0 }
    : { family: 'AF_UNIX', path: end < 0 ? bytes : bytes.slice(0, end), address: undefined, port: 0 };
}

function portOf(argument: Value): number {
  const port = field(argument, 'sin_port') ?? field(argument, 'sin6_port');
  return (port === undefined ? undefined : argumentNumber(port)) ?? 0;
}

/** The number inside `htons(80)`. */
function argumentNumber(value: Value): number | undefined {
  if (value.kind !== 'call') return numberOf(value);
  return value.args[0] === undefined ? undefined : numberOf(value.args[0]);
}

/** `inet_addr("1.2.3.4")` or `inet_pton(AF_INET6, "::1", &sin6_addr)`, whatever the member is called. */
function ipAddress(argument: Value): string | undefined {
  if (argument.kind !== 'struct') return undefined;
  for (const { value } of argument.fields) {
    if (value.kind !== 'call' || (value.name !== 'inet_addr' && value.name !== 'inet_pton')) continue;
    for (const part of value.args) if (part.kind === 'string') return part.bytes;
  }
  return undefined;
}
