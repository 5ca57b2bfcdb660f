import { posix } from 'node:path';
import { textOfBytes } from '../../paths/byte-text.ts';
import type { Syscall, Value } from '../../trace/event.ts';
import { field, stringBytes } from '../../trace/values.ts';

const sockets: ReadonlySet<string> = new Set(['socket', 'socketpair']);
const addressed: ReadonlySet<string> = new Set(['connect', 'bind', 'sendto', 'sendmsg']);
/** Calls whose second argument is a path below the directory that is their first. */
const below: ReadonlySet<string> = new Set(['openat2', 'statx', 'inotify_add_watch']);

/** What a call was about, so that two runs can be compared: a path, a socket's path, a family; empty where it is about nothing named. */
export function callSubject({ name, args }: Syscall): string {
  if (sockets.has(name)) return textOf(args[0]);
  if (addressed.has(name)) return args.map(addressOf).find((text) => text !== '') ?? '';
  const [first, second] = args;
  const path = stringBytes(first);
  if (path !== undefined) return textOfBytes(posix.normalize(path || '.'));
  if (first?.kind !== 'fd') return '';
  const inside = name.includes('at') || below.has(name) ? stringBytes(second) : undefined;
  if (!first.info.startsWith('/')) return '';
  return textOfBytes(inside === undefined ? first.info : posix.resolve(first.info, inside));
}

function addressOf(value: Value): string {
  const address = field(value, 'msg_name') ?? value;
  const path = stringBytes(field(address, 'sun_path'));
  if (path !== undefined) return textOfBytes(path);
  return textOf(field(address, 'sa_family'));
}

function textOf(value: Value | undefined): string {
  return value?.kind === 'text' ? value.text : '';
}
