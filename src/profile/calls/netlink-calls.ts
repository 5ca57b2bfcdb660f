import type { Syscall, Value } from '../../trace/event.ts';
import { elements, field, numberOf, stringBytes } from '../../trace/values.ts';
import { type OpenFile, openedFile, openedNetlink } from '../descriptors.ts';
import type { Observation } from '../observation.ts';
import { succeeded } from '../outcome.ts';
import type { Task } from '../task.ts';
import type { ClassOf } from './class-of.ts';

/**
 * What is asked of the kernel, or told to others, over netlink: the protocol and the kind of each message.
 * https://man7.org/linux/man-pages/man7/netlink.7.html
 *
 * That a message was sent does not tell that the kernel did what it asks for: the answer is another message. Whether it may be asked
 * for at all is decided before anything else, though, so that what was sent by who may is kept.
 */

/** Older names of strace's, and those of the kernel: include/uapi/linux/netlink.h */
function netlinkProtocol(name: string): string {
  return name === 'NETLINK_INET_DIAG' ? 'NETLINK_SOCK_DIAG' : name.slice(0, 40);
}

/** What is known of a socket from its birth, also where not every call is seen that gives descriptors: its inode has a protocol. */
export function openedOverNetlink(call: Syscall, observation: Observation): OpenFile {
  const given = call.args[2];
  const protocol = given?.kind === 'text' ? netlinkProtocol(given.text) : undefined;
  if (protocol === undefined) return openedFile(undefined);
  const inode = inodeOf(call.result.info);
  if (inode !== undefined && observation.netlinkInodes.size < mostSockets)
    observation.netlinkInodes.set(inode, protocol);
  return openedNetlink(protocol);
}

const mostSockets = 4096;

/** `NETLINK:[1801340]` or `socket:[1801340]`, before the socket has an address. */
function inodeOf(info: string | undefined): string | undefined {
  return info === undefined ? undefined : /^(?:NETLINK|socket):\[(\d+)\]$/.exec(info)?.[1];
}

/** The protocol of a netlink socket, as its socket call or `-yy` named it: `NETLINK_ROUTE`. */
function protocolOf(socket: Value | undefined, task: Task, observation: Observation): string | undefined {
  const known = observation.openFile(task, socket)?.netlink;
  if (known !== undefined || socket?.kind !== 'fd') return known;
  const annotated = /^NETLINK:\[([A-Z_0-9]*[A-Z_][A-Z_0-9]*):/.exec(socket.info)?.[1];
  if (annotated !== undefined) return netlinkProtocol(`NETLINK_${annotated}`);
  const inode = inodeOf(socket.info);
  return inode === undefined ? undefined : observation.netlinkInodes.get(inode);
}

/** Where strace knew the kind of a message, that names its protocol. */
const protocolsByKind: readonly (readonly [RegExp, string])[] = [
  [/^RTM_/, 'NETLINK_ROUTE'],
  [/^AUDIT_/, 'NETLINK_AUDIT'],
  [/^NFNL_/, 'NETLINK_NETFILTER'],
  [/^XFRM_/, 'NETLINK_XFRM'],
  [/^(?:SOCK_D|TCPDIAG|DCCPDIAG)/, 'NETLINK_SOCK_DIAG'],
  [/^CRYPTO_/, 'NETLINK_CRYPTO'],
];

/** `messages` is the buffer that was sent, as strace wrote it: a message, several, or bytes; `address` to whom. */
export function sentOverNetlink(
  call: Syscall,
  task: Task,
  observation: Observation,
  address: Value | undefined,
  messages: readonly (Value | undefined)[],
): void {
  const kinds = messages.flatMap((buffer) => (buffer === undefined ? [] : kindsIn(buffer, 0)));
  const isNetlink = kinds.length > 0 || isNetlinkAddress(address);
  if (!succeeded(call) || (!isNetlink && !isSentTo(call.args[0], task, observation))) return;
  const protocol = protocolOf(call.args[0], task, observation);
  const record = (what: string) => observation.recorder.privileged(what, call, task.credentials.label);
  if (['nl_pid', 'nl_groups'].some((name) => (numberOf(field(address, name)) ?? 0) !== 0))
    record(`${protocol ?? 'NETLINK'} to others`);
  const all =
    kinds.length > 0 ? kinds : messages.flatMap((buffer) => kindsInBytes(stringBytes(buffer) ?? ''));
  for (const kind of new Set(all)) {
    const of = protocol ?? protocolsByKind.find(([names]) => names.test(kind))?.[1] ?? 'NETLINK';
    const what = nameOf(of, kind);
    if (what !== undefined) record(`${of} ${what}`);
  }
}

/** Only asked where nothing in the call's words says that it is netlink: what they mean then depends on more than words. */
function isSentTo(socket: Value | undefined, task: Task, observation: Observation): boolean {
  const before = observation.isByWordsAlone;
  const isNetlink = protocolOf(socket, task, observation) !== undefined;
  observation.isByWordsAlone = before && !isNetlink;
  return isNetlink;
}

function isNetlinkAddress(address: Value | undefined): boolean {
  const family = field(address, 'sa_family');
  return family?.kind === 'text' && /^(?:[AP]F_NETLINK|16)$/.test(family.text);
}

/** Messages stand beside their payloads, one or several in an array, each of them in one of its own where there are several. */
function kindsIn(value: Value, depth: number): string[] {
  const kind = field(value, 'nlmsg_type');
  if (kind !== undefined) return kind.kind === 'text' ? [kind.text] : [];
  return value.kind === 'array' && depth < 2 ? value.items.flatMap((item) => kindsIn(item, depth + 1)) : [];
}

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** The headers in a buffer that strace did not take apart: its length in 4 bytes, its kind in 2. */
function kindsInBytes(bytes: string): string[] {
  const buffer = Buffer.from(bytes, 'latin1');
  const read = (isLittle: boolean) => {
    const kinds: string[] = [];
    for (let at = 0; at + 6 <= buffer.length; ) {
      const length = isLittle ? buffer.readUInt32LE(at) : buffer.readUInt32BE(at);
      if (length < headerLength || length > mostBytes) break;
      kinds.push(String(isLittle ? buffer.readUInt16LE(at + 4) : buffer.readUInt16BE(at + 4)));
      at += (length + 3) & ~3;
    }
    return kinds;
  };
  // A log may come from a machine that counts the other way round; a length read so is far too great.
  const here = read(littleEndian);
  return here.length > 0 ? here : read(!littleEndian);
}

const headerLength = 16;
const mostBytes = 1 << 24;

/** What the kinds of rtnetlink mean goes round in fours: https://man7.org/linux/man-pages/man7/rtnetlink.7.html */
const routeKinds = ['RTM_NEW', 'RTM_DEL', 'RTM_GET', 'RTM_SET'];
const firstRouteKind = 16;

/** What users of the audit log write into it: include/uapi/linux/audit.h */
const userMessages: readonly (readonly [number, number])[] = [
  [1005, 1005],
  [1100, 1199],
  [2100, 2999],
];

/** A name for the kind of a message; undefined for those by which the kernel only looks, or that it passes over. */
function nameOf(protocol: string, kind: string): string | undefined {
  const number = numberOf({ kind: 'text', text: kind });
  if (number === undefined) {
    if (/^(?:NLMSG_|RTM_GET|nlctrl$|SOCK_DIAG_BY_FAMILY|(?:TCP|DCCP)DIAG_GETSOCK)/.test(kind))
      return undefined;
    return /^AUDIT_(?:USER|FIRST_USER_MSG|LAST_USER_MSG)/.test(kind) ? 'user message' : kind.slice(0, 60);
  }
  if (number < firstRouteKind) return undefined;
  switch (protocol) {
    case 'NETLINK_ROUTE': {
      const name = routeKinds[(number - firstRouteKind) % 4] ?? '';
      return name === 'RTM_GET' ? undefined : `${name} (${number})`;
    }
    case 'NETLINK_AUDIT':
      return userMessages.some(([from, to]) => number >= from && number <= to)
        ? 'user message'
        : String(number);
    case 'NETLINK_GENERIC':
      // nlctrl tells who there is.
      return number === firstRouteKind ? undefined : String(number);
    case 'NETLINK_SOCK_DIAG':
      return number === sockDestroy ? 'SOCK_DESTROY' : undefined;
    default:
      return String(number);
  }
}

const sockDestroy = 21;

/** Who listens to a group hears what the kernel tells everybody: bind with groups, or an option. */
export const netlinkGroups: ClassOf = ({ args }, task, observation) => {
  const groups = numberOf(field(args[1], 'nl_groups')) ?? 0;
  return groups === 0 ? undefined : `${protocolOf(args[0], task, observation) ?? 'NETLINK'} groups`;
};

/** https://man7.org/linux/man-pages/man7/netlink.7.html (Socket options) */
export const netlinkOption: ClassOf = ({ args }, task, observation) => {
  const [socket, , option, value] = args;
  if (option?.kind !== 'text') return undefined;
  if (option.text === 'NETLINK_ADD_MEMBERSHIP')
    return `${protocolOf(socket, task, observation) ?? 'NETLINK'} groups`;
  const isOn = numberOf(elements(value)[0]) !== 0;
  return option.text === 'NETLINK_LISTEN_ALL_NSID' && isOn ? option.text : undefined;
};
