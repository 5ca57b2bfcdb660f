import type { Value } from '../../trace/event.ts';
import { elements, numberOf, stringBytes } from '../../trace/values.ts';
import type { ClassOf } from './class-of.ts';
import { netlinkOption } from './netlink-calls.ts';

/**
 * Socket options for which the kernel asks for a capability: https://man7.org/linux/man-pages/man7/socket.7.html, ip(7), tcp(7),
 * net/core/sock.c (sk_setsockopt). A condition says for which values.
 */
export const asking: ReadonlyMap<string, (value: Value | undefined) => boolean> = new Map([
  ...[
    'SO_MARK',
    'SO_BINDTODEVICE',
    'SO_SNDBUFFORCE',
    'SO_RCVBUFFORCE',
    'SO_BUSY_POLL_BUDGET',
    'IP_HDRINCL',
    'IPV6_HDRINCL',
    'IP_XFRM_POLICY',
    'IP_IPSEC_POLICY',
    'IPV6_XFRM_POLICY',
    'IPV6_IPSEC_POLICY',
    'IPV6_HOPOPTS',
    'IPV6_DSTOPTS',
    'IPV6_RTHDRDSTOPTS',
    'PACKET_ADD_MEMBERSHIP',
    'TCP_REPAIR',
  ].map((name) => [name, () => true] as const),
  ...['SO_DEBUG', 'SO_BUSY_POLL', 'SO_PREFER_BUSY_POLL', 'IP_TRANSPARENT', 'IPV6_TRANSPARENT'].map(
    (name) => [name, isOn] as const,
  ),
  ['SO_PRIORITY', isAboveUsual],
  ['SO_TXTIME', isOtherClock],
  ['TCP_CONGESTION', isRareAlgorithm],
]);

/** Tables of packet filters and load balancers are set by options too. */
const tables = /^(?:IP6?T|ARPT|EBT|IP_VS)_SO_SET_[A-Z_]+$/;

function isOn(value: Value | undefined): boolean {
  return numberOf(elements(value)[0]) !== 0;
}

/** 0 to 6 are everybody's. */
function isAboveUsual(value: Value | undefined): boolean {
  const priority = numberOf(elements(value)[0]);
  return priority === undefined || priority < 0 || priority > 6;
}

/** A structure that begins with the clock; CLOCK_MONOTONIC, 1, is everybody's. */
function isOtherClock(value: Value | undefined): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the bytes of a number.
  return !/^(?:\x01\0\0\0|\0\0\0\x01)/.test(stringBytes(value) ?? '');
}

/** Those two everybody may choose on every system; of the others the administrator decides (tcp_allowed_congestion_control). */
function isRareAlgorithm(value: Value | undefined): boolean {
  const name = (stringBytes(value) ?? fourLetters(value))?.replace(/\0.*$/s, '');
  return name !== 'cubic' && name !== 'reno';
}

/** strace shows four bytes as a number: `[1869505906]` is reno. */
function fourLetters(value: Value | undefined): string | undefined {
  const number = numberOf(elements(value)[0]);
  if (number === undefined) return undefined;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number >>> 0);
  return bytes.toString('latin1');
}

export const socketOption: ClassOf = (call, task, observation) => {
  const [, level, option, value] = call.args;
  if (option?.kind !== 'text') return undefined;
  if (level?.kind === 'text' && level.text === 'SOL_NETLINK') return netlinkOption(call, task, observation);
  if (tables.test(option.text)) return option.text;
  return asking.get(option.text)?.(value) === true ? option.text : undefined;
};
