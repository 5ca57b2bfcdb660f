/**
 * What a line of strace's output can say. The words are strace's own:
 * https://man7.org/linux/man-pages/man1/strace.1.html
 *
 * Text that came from the traced program stays bytes: in a "byte string" each character is one byte (0 to 255).
 */

/** Where something was seen: a log's name and a line in it, counted from 1. */
export interface Place {
  source: string;
  line: number;
}

/** One argument of a call, or a part of one, as strace wrote it. Comments are left out. */
export type Value = TextValue | StringValue | FdValue | StructValue | ArrayValue | CallValue | ChangeValue;

/** Numbers, addresses, constants, flags, signal sets: `NULL`, `0644`, `O_RDONLY|O_CLOEXEC`, `~[KILL STOP]`, `8192*1024`. */
export interface TextValue {
  kind: 'text';
  text: string;
}

/** `"…"`, decoded to a byte string; `cut` where strace wrote `...` behind it; `abstract` for `@"…"`, which has no file. */
export interface StringValue {
  kind: 'string';
  bytes: string;
  cut: boolean;
  abstract: boolean;
}

/** `3</etc/passwd>`, `AT_FDCWD</tmp>`: `text` is what stands before the bracket, `info` a byte string, decoded. */
export interface FdValue {
  kind: 'fd';
  text: string;
  info: string;
  deleted: boolean;
  /** `char 1:3` or `block 7:0` of a device under `-yy`; absent for all else. */
  device?: string;
}

/** `{sa_family=AF_UNIX, sun_path="/x"}`; a member without a name has the name `''`; `cut` where `...` ends it. */
export interface StructValue {
  kind: 'struct';
  fields: { name: string; value: Value }[];
  cut: boolean;
}

export interface ArrayValue {
  kind: 'array';
  items: Value[];
  cut: boolean;
}

/** `htons(80)`, `makedev(0x1, 0x3)`, `inet_pton(AF_INET6, "::1", &sin6_addr)`. */
export interface CallValue {
  kind: 'call';
  name: string;
  args: Value[];
}

/** `[128 => 16]`, `{…} => {parent_tid=[9]}`: what went in and what came out. */
export interface ChangeValue {
  kind: 'change';
  before: Value;
  after: Value;
}

/** What stands behind the `=` of a call. */
export interface Result {
  /** `3`, `-1`, `0x7f…`, `?`, or empty where strace wrote nothing that can be read. */
  text: string;
  /** The number in `text`; undefined for `?`. */
  number: number | undefined;
  /** `ENOENT`, also `ERESTARTSYS` behind a `?`. */
  errno: string | undefined;
  /** The annotation of `3</etc/passwd>`, a byte string. */
  info: string | undefined;
  /** strace tampered with the call (`-e inject=`): not the kernel's answer. */
  injected: boolean;
}

/** A call that has ended (or was cut off: then `result.text` is `?`). `args` is parsed when it is first asked for. */
export interface Syscall {
  kind: 'call';
  /**
   * As the log numbers it. 0 where the log has no number for it, and it stays 0 for that process when its number shows up later:
   * one process has one number through a log (until the number is used again).
   */
  pid: number;
  name: string;
  readonly args: Value[];
  result: Result;
  /** The line on which the call began, and the one on which it ended. */
  line: number;
  endLine: number;
}

/** The first half of a call that another line interrupted: its end comes as a `Syscall` later, or never. */
export interface UnfinishedCall {
  kind: 'unfinished';
  pid: number;
  name: string;
  /** The arguments printed so far. */
  readonly args: Value[];
  line: number;
}

export interface SignalEvent {
  kind: 'signal';
  pid: number;
  /** `SIGCHLD`; for a group stop the signal that stopped it. */
  signal: string;
  stopped: boolean;
  /** `si_code` and its kin; empty where strace printed none. */
  info: StructValue | undefined;
  line: number;
}

export interface ExitEvent {
  kind: 'exit';
  pid: number;
  /** `+++ exited with 3 +++`: 3. */
  status: number | undefined;
  /** `+++ killed by SIGKILL +++`: SIGKILL. */
  signal: string | undefined;
  /** `+++ superseded by execve in pid 12 +++`: 12. */
  supersededBy: number | undefined;
  line: number;
}

/** strace's own word on a process: it attached, detached, or the process changed its personality. */
export interface NoticeEvent {
  kind: 'notice';
  pid: number;
  about: 'attached' | 'detached' | 'personality' | 'unwatched' | 'other';
  /** `32 bit`, `64 bit` or `x32` for `personality`; names of calls for `unwatched`; else the line's text. */
  text: string;
  line: number;
}

export type TraceEvent = Syscall | UnfinishedCall | SignalEvent | ExitEvent | NoticeEvent;

/** Each line of a log has exactly one class; `call` is a line on which a call begins, `continuation` one on which it goes on. */
export const lineClasses = ['call', 'continuation', 'signal', 'exit', 'notice', 'other', 'unread'] as const;
export type LineClass = (typeof lineClasses)[number];

/** How many lines of each class a log had. */
export type LineTally = Record<LineClass, number>;
