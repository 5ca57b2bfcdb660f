import { textOfBytes } from '../../paths/byte-text.ts';
import type { Syscall, Value } from '../../trace/event.ts';
import { field, stringBytes } from '../../trace/values.ts';
import type { Act } from '../acts.ts';
import { hasFlag } from '../known-flags.ts';
import type { Observation } from '../observation.ts';
import { succeeded } from '../outcome.ts';
import { absolutePath } from '../path-name.ts';
import type { Task } from '../task.ts';
import type { Meaning, Meanings } from './meaning.ts';

/**
 * What opening a file does to it, from its flags: https://man7.org/linux/man-pages/man2/open.2.html
 *
 * O_CREAT that succeeded may have found the file or made it, and a log tells which only with O_EXCL. It counts as creating either
 * way: a second run, after the file was removed, must be able to make it.
 */
function opened(
  call: Syscall,
  task: Task,
  observation: Observation,
  path: string | undefined,
  flags: Value | undefined,
): void {
  const act = (name: Act) => observation.act(call, task, path, name);
  const isTemporary = hasFlag(flags, 'O_TMPFILE');
  if (hasFlag(flags, 'O_PATH')) act('stat');
  // The file has no name: its directory is what must be writable.
  else if (isTemporary) act('write');
  else {
    const readsToo = hasFlag(flags, 'O_RDWR');
    const writesOnly = !readsToo && hasFlag(flags, 'O_WRONLY');
    if (!writesOnly) act('read');
    if (readsToo || writesOnly || hasFlag(flags, 'O_TRUNC')) act('write');
    if (hasFlag(flags, 'O_CREAT')) act('create');
    if (hasFlag(flags, 'O_NOATIME')) act('no-atime');
  }
  if (!succeeded(call) || call.result.number === undefined) return;
  const annotated = call.result.info?.startsWith('/') ? textOfBytes(call.result.info) : undefined;
  observation.changeDescriptor(task, {
    fd: call.result.number,
    path: isTemporary ? undefined : (path ?? annotated),
    isDirectory: hasFlag(flags, 'O_DIRECTORY'),
    closeOnExec: hasFlag(flags, 'O_CLOEXEC'),
  });
}

function openedPath(
  call: Syscall,
  task: Task,
  observation: Observation,
  path: Value | undefined,
  flags: Value | undefined,
  at?: Value,
): void {
  const name = hasFlag(flags, 'O_NOFOLLOW')
    ? observation.named(call, task, path, at)
    : observation.target(call, task, path, at);
  opened(call, task, observation, name, flags);
}

const open: Meaning = (call, task, observation) =>
  openedPath(call, task, observation, call.args[0], call.args[1]);

const openat: Meaning = (call, task, observation) =>
  openedPath(call, task, observation, call.args[1], call.args[2], call.args[0]);

/** https://man7.org/linux/man-pages/man2/openat2.2.html: RESOLVE_IN_ROOT makes the directory the root of this one path. */
const openat2: Meaning = (call, task, observation) => {
  const [at, path, how] = call.args;
  const flags = field(how, 'flags');
  const bytes = stringBytes(path);
  const inRoot = hasFlag(field(how, 'resolve'), 'RESOLVE_IN_ROOT') || hasBit(field(how, 'resolve'), 0x10);
  if (!inRoot || bytes === undefined) {
    openedPath(call, task, observation, path, flags, at);
    return;
  }
  const root = observation.openPath(call, task, at);
  const name = root === undefined ? undefined : absolutePath(`/${bytes}`, undefined, root);
  if (name === undefined) observation.recorder.unresolved(textOfBytes(bytes), call);
  opened(call, task, observation, name, flags);
};

/** Under `-X raw` the flags are a number: include/uapi/linux/openat2.h. */
function hasBit(value: Value | undefined, bit: number): boolean {
  return (
    value?.kind === 'text' && /^(?:0x[0-9a-f]+|\d+)$/.test(value.text) && (Number(value.text) & bit) !== 0
  );
}

const creatFlags: Value = { kind: 'text', text: 'O_WRONLY|O_CREAT|O_TRUNC' };

const creat: Meaning = (call, task, observation) =>
  openedPath(call, task, observation, call.args[0], creatFlags);

/** The handle says nothing of a path; only an annotation of the result does. */
const openByHandle: Meaning = (call, task, observation) => {
  if (succeeded(call) && call.result.info === undefined) {
    observation.recorder.limit(
      'open_by_handle_at opened files whose paths are not in the log (strace -y would tell).',
    );
  }
  const annotated = call.result.info?.startsWith('/') ? textOfBytes(call.result.info) : undefined;
  opened(call, task, observation, annotated, call.args[2]);
};

export const openCalls: Meanings = { open, openat, openat2, creat, open_by_handle_at: openByHandle };
