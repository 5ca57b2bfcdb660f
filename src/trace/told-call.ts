import type { FdValue, StringValue, StructValue, Syscall, Value } from './event.ts';
import { netlinkLevel, socketOptionName } from './socket-option-names.ts';

/** A system call of which the kernel itself told, not strace: each different one once, then only how often. */
export interface ToldCall {
  /** With numbers where strace would write flags by name. Its line is 0. */
  call: Syscall;
  /** The same for the same call in the same words. */
  key: string;
  /** Where the path begins: the task's root, its working directory, or the directory of an `…at` call. A byte string. */
  directory: string;
  /** The task's own root, where a path that does not begin there must end; `/` unless it was changed. A byte string. */
  root: string;
  /** The task sees another file tree than the tracer: its paths mean nothing outside. */
  isElsewhere: boolean;
  /** The file system uid, and the effective capabilities, as bits. */
  user: number;
  capabilities: bigint;
  /** In a user namespace of its own: ids and capabilities are not the host's. */
  isNamespaced: boolean;
}

/** Positions of what is told among a call's arguments; -1 for none. */
export interface ToldArguments {
  call: string;
  at: number;
  name: number;
  flags: number;
  mode: number;
  /** The name is a `struct msghdr` with an address in it. */
  message: boolean;
  /** Whether a message goes that way: then, over netlink, `flags` is its protocol plus one, and `mode` the kind of the first. */
  sends: boolean;
}

/** What the program in the kernel writes of a call; text as hexadecimal digits. */
export interface ToldRecord {
  call: string;
  key: string;
  process: number;
  /** 0, or a negative errno. */
  result: number;
  flags: number;
  mode: number;
  user: number;
  capabilities: string;
  namespaced?: boolean;
  unreadable?: boolean;
  name?: string;
  directory?: string;
  root?: string;
  /** What a name led to that leads everybody elsewhere (/proc/self/fd/3). */
  opened?: string;
  address?: string;
  /** The first bytes of a socket option, whose level and number are `flags` and `mode`. */
  value?: string;
  elsewhere?: boolean;
}

/** The call as strace would have shown it, as far as it was told. */
export function toldCall(
  record: ToldRecord,
  places: ToldArguments,
  errnoOf: (number: number) => string,
): ToldCall {
  const { call: name, process, result, flags, mode, key, user } = record;
  const directory = bytesOf(record.directory ?? '');
  const failed = result < 0;
  const args: Value[] = [];
  const put = (at: number, value: Value) => {
    if (at >= 0) args[at] = value;
  };
  for (let at = 0; at < 6; at++) args.push({ kind: 'text', text: '' });
  put(places.flags, numberValue(flags));
  put(places.mode, numberValue(mode));
  // Of a path the directory is where it begins; of a descriptor it is what that has open.
  if (places.name >= 0) put(places.at, { kind: 'text', text: 'AT_FDCWD' });
  else if (directory !== '') put(places.at, descriptorValue(directory));
  if (record.address !== undefined) put(places.name, addressValue(bytesOf(record.address), places.message));
  else if (record.unreadable === true) put(places.name, { kind: 'text', text: '0x1' });
  else if (places.name >= 0) put(places.name, stringValue(bytesOf(record.name ?? '')));
  if (record.value !== undefined) putOption(args, flags, mode, bytesOf(record.value));
  if (places.sends && flags > 0) putNetlink(args, places, { protocol: flags - 1, kind: mode });
  const call: Syscall = {
    kind: 'call',
    pid: process,
    name,
    args,
    result: {
      text: failed ? '-1' : '0',
      number: failed ? -1 : 0,
      errno: failed ? errnoOf(-result) : undefined,
      info: record.opened === undefined ? undefined : bytesOf(record.opened),
      injected: false,
    },
    line: 0,
    endLine: 0,
  };
  return {
    call,
    key,
    directory,
    root: record.root === undefined ? '/' : bytesOf(record.root),
    isElsewhere: record.elsewhere === true,
    user,
    capabilities: BigInt(`0x${record.capabilities}`),
    isNamespaced: record.namespaced === true,
  };
}

/** As strace shows a message over netlink: the socket by its name, the kind in a header. */
function putNetlink(
  args: Value[],
  { message }: ToldArguments,
  { protocol, kind }: { protocol: number; kind: number },
): void {
  args[0] = netlinkSocket(protocol);
  const header = structOf({ nlmsg_type: { kind: 'text', text: String(kind) } });
  if (!message) {
    args[1] = header;
    return;
  }
  const vector: Value = { kind: 'array', items: [structOf({ iov_base: header })], cut: false };
  const [, told] = args;
  const fields = told?.kind === 'struct' ? told.fields : [];
  args[1] = { kind: 'struct', fields: [...fields, { name: 'msg_iov', value: vector }], cut: false };
}

/** As strace shows setsockopt: names of what somebody asks for, the value as a number where it is none of letters. */
function putOption(args: Value[], flags: number, option: number, value: string): void {
  const level = flags & 0xffff;
  const name = socketOptionName(level, option);
  if (level === netlinkLevel) {
    args[0] = netlinkSocket((flags >>> 16) - 1);
    args[1] = { kind: 'text', text: 'SOL_NETLINK' };
  }
  if (name !== undefined) args[2] = { kind: 'text', text: name };
  args[3] = name !== undefined && ofBytes.has(name) ? stringValue(value) : integerOf(value);
}

/** The others begin with an integer. */
const ofBytes: ReadonlySet<string> = new Set(['SO_BINDTODEVICE', 'SO_TXTIME', 'TCP_CONGESTION']);

/** `[1]`; of some options one byte is enough. */
function integerOf(bytes: string): Value {
  const data = Buffer.from(bytes, 'latin1');
  const number = data.length >= 4 ? (littleEndian ? data.readInt32LE(0) : data.readInt32BE(0)) : data[0];
  const items: Value[] = number === undefined ? [] : [{ kind: 'text', text: String(number) }];
  return { kind: 'array', items, cut: false };
}

function netlinkSocket(protocol: number): FdValue {
  return descriptorValue(`NETLINK:[${netlinkNames[protocol] ?? protocol}:0]`);
}

/** include/uapi/linux/netlink.h */
const netlinkNames: Readonly<Record<number, string>> = {
  0: 'ROUTE',
  2: 'USERSOCK',
  4: 'SOCK_DIAG',
  6: 'XFRM',
  7: 'SELINUX',
  8: 'ISCSI',
  9: 'AUDIT',
  10: 'FIB_LOOKUP',
  11: 'CONNECTOR',
  12: 'NETFILTER',
  15: 'KOBJECT_UEVENT',
  16: 'GENERIC',
  18: 'SCSITRANSPORT',
  20: 'RDMA',
  21: 'CRYPTO',
};

function bytesOf(hex: string): string {
  return Buffer.from(hex, 'hex').toString('latin1');
}

function numberValue(number: number): Value {
  return { kind: 'text', text: `0x${number.toString(16)}` };
}

function stringValue(bytes: string): StringValue {
  return { kind: 'string', bytes, cut: false, abstract: false };
}

function descriptorValue(info: string): FdValue {
  return { kind: 'fd', text: '3', info, deleted: false };
}

/** A `struct sockaddr` as its bytes lie in memory: https://man7.org/linux/man-pages/man3/sockaddr.3type.html */
function addressValue(bytes: string, isMessage: boolean): Value {
  const data = Buffer.from(bytes, 'latin1');
  const family = data.length < 2 ? 0 : littleEndian ? data.readUInt16LE(0) : data.readUInt16BE(0);
  const address = structOf({
    sa_family: { kind: 'text', text: familyOf(family) },
    ...membersOf(family, data),
  });
  return isMessage ? structOf({ msg_name: address }) : address;
}

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** include/linux/socket.h; of others the number stays. */
const families: Readonly<Record<number, string>> = {
  1: 'AF_UNIX',
  2: 'AF_INET',
  10: 'AF_INET6',
  16: 'AF_NETLINK',
};

function familyOf(number: number): string {
  return families[number] ?? String(number);
}

function membersOf(family: number, data: Buffer): Record<string, Value> {
  if (family === 1 && data.length > 2) {
    // An abstract name begins with a zero, and may hold more of them; a path ends at its first.
    const isAbstract = data[2] === 0;
    const bytes = isAbstract ? data.toString('latin1', 3) : (data.toString('latin1', 2).split('\0')[0] ?? '');
    return { sun_path: { kind: 'string', bytes, cut: false, abstract: isAbstract } };
  }
  if (family === 2 && data.length >= 8)
    return {
      sin_port: callOf('htons', { kind: 'text', text: String(data.readUInt16BE(2)) }),
      sin_addr: callOf('inet_addr', stringValue([...data.subarray(4, 8)].join('.'))),
    };
  if (family === 10 && data.length >= 24)
    return {
      sin6_port: callOf('htons', { kind: 'text', text: String(data.readUInt16BE(2)) }),
      sin6_addr: callOf(
        'inet_pton',
        { kind: 'text', text: 'AF_INET6' },
        stringValue(textOfIpv6(data.subarray(8, 24))),
      ),
    };
  if (family === 16 && data.length >= 12) return { nl_pid: wordOf(data, 4), nl_groups: wordOf(data, 8) };
  return {};
}

function wordOf(data: Buffer, at: number): Value {
  return { kind: 'text', text: String(littleEndian ? data.readUInt32LE(at) : data.readUInt32BE(at)) };
}

function structOf(members: Record<string, Value>): StructValue {
  return {
    kind: 'struct',
    fields: Object.entries(members).map(([name, value]) => ({ name, value })),
    cut: false,
  };
}

function callOf(name: string, ...args: Value[]): Value {
  return { kind: 'call', name, args };
}

/** As inet_ntop(3) writes it: https://www.rfc-editor.org/rfc/rfc5952 */
function textOfIpv6(data: Buffer): string {
  const words = Array.from({ length: 8 }, (_, at) => data.readUInt16BE(2 * at).toString(16));
  // URL knows the short form.
  const short = new URL(`http://[${words.join(':')}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short);
  return mapped === null ? short : `::ffff:${[...data.subarray(12)].join('.')}`;
}
