import type { Syscall, Value } from '../../trace/event.ts';
import { elements, field, numberOf, stringBytes } from '../../trace/values.ts';
import { withNewUsers } from '../credentials.ts';
import { hasFlag } from '../known-flags.ts';
import type { Observation } from '../observation.ts';
import { succeeded } from '../outcome.ts';
import { forkSharing, ownDirectories, type Sharing, startProgram, type Task } from '../task.ts';
import type { Meaning, Meanings } from './meaning.ts';

const execve: Meaning = (call, task, observation) =>
  execute(call, task, observation, observation.target(call, task, call.args[0]));

/** fexecve(3) is execveat with an empty path, or execve of `/proc/self/fd/N`. */
const execveat: Meaning = (call, task, observation) => {
  const named = call.args[1];
  const path =
    stringBytes(named) === ''
      ? observation.openPath(call, task, call.args[0])
      : observation.target(call, task, named, call.args[0]);
  execute(call, task, observation, path);
};

function execute(call: Syscall, task: Task, observation: Observation, path: string | undefined): void {
  observation.act(call, task, path, 'execute');
  if (!succeeded(call)) return;
  if (path === undefined && executesMemory(call, task, observation))
    observation.recorder.privileged('a file without a path', call, task.credentials.label);
  if (observation.recorder.program === '' && path !== undefined) observation.recorder.program = path;
  if (observation.isOrdered) observation.tasks.endThreadsOf(task);
  startProgram(task, path);
}

function executesMemory(call: Syscall, task: Task, observation: Observation): boolean {
  const [first, second] = call.args;
  // A descriptor in /proc, and nobody knows of what: it may be memory.
  if (!observation.followsDescriptors && call.name === 'execve') return true;
  const file =
    call.name === 'execveat' && stringBytes(second) === ''
      ? observation.openFile(task, first)
      : observation.linkedFile(task, call.name === 'execveat' ? second : first);
  return file !== undefined && file.path === undefined;
}

/**
 * The argument that holds clone's flags: strace writes it behind the stack and by names, under `-X raw` as a number, under
 * `-e raw=` in the kernel's place, the first. Addresses are numbers too, but far greater ones.
 */
function cloneFlags(name: string, args: readonly Value[]): Value | undefined {
  const [first] = args;
  if (name === 'clone3') return first === undefined ? undefined : field(inward(first), 'flags');
  const isNamed = (value: Value) => value.kind === 'text' && /CLONE_|SIG/.test(value.text);
  const isNumber = (value: Value) => {
    const number = numberOf(value);
    return number !== undefined && number > 0 && number < 2 ** 34;
  };
  return args.find(isNamed) ?? args.slice(0, 2).find(isNumber);
}

/** What a new task shares, from clone's flags. */
export function sharingOf(name: string, args: readonly Value[]): Sharing {
  if (name === 'fork' || name === 'vfork') return forkSharing;
  const flags = cloneFlags(name, args);
  const has = (flag: string) => hasFlag(flags, flag);
  // `-e verbose=none` shows an address. Both may be shared then: see `Observation.shares`.
  const isUnknown = name === 'clone3' && args.length > 0 && flags === undefined;
  return {
    isUnknown,
    files: isUnknown || has('CLONE_FILES'),
    directories: isUnknown || has('CLONE_FS'),
    memory: has('CLONE_VM'),
    thread: has('CLONE_THREAD'),
    newMounts: has('CLONE_NEWNS'),
    newPids: has('CLONE_NEWPID'),
    newUsers: has('CLONE_NEWUSER'),
  };
}

/** What went into a structure that the kernel also writes to. */
function inward(value: Value): Value {
  return value.kind === 'change' ? value.before : value;
}

const clone: Meaning = (call, task, observation) => {
  const sharing = sharingOf(call.name, call.args);
  observation.shares(task, sharing, succeeded(call) ? call.result.number : undefined);
  observation.tasks.birthEnds(task, sharing, succeeded(call) ? call.result.number : undefined);
  if (!succeeded(call)) return;
  const [first] = call.args;
  recordNamespaces(call, task, observation, cloneFlags(call.name, call.args));
  if (call.name !== 'clone3') return;
  if (elements(field(first, 'set_tid')).length > 0)
    observation.recorder.privileged('set_tid', call, task.credentials.label);
};

const namespaceFlags = [
  'CLONE_NEWNS',
  'CLONE_NEWUTS',
  'CLONE_NEWIPC',
  'CLONE_NEWUSER',
  'CLONE_NEWPID',
  'CLONE_NEWNET',
  'CLONE_NEWCGROUP',
  'CLONE_NEWTIME',
];

/** Each namespace that a call begins or enters, by its flag: RestrictNamespaces= is about these. */
function recordNamespaces(
  call: Syscall,
  task: Task,
  observation: Observation,
  flags: Value | undefined,
): void {
  // A user namespace is begun first, and who begins it may do all the rest in there.
  const inNew = hasFlag(flags, 'CLONE_NEWUSER') && call.name !== 'setns';
  const label = inNew ? withNewUsers(task.credentials).label : task.credentials.label;
  for (const flag of namespaceFlags)
    if (hasFlag(flags, flag)) observation.recorder.privileged(flag, call, label);
}

const unshare: Meaning = (call, task, observation) => {
  const flags = call.args[0];
  if (!succeeded(call) || flags === undefined) return;
  recordNamespaces(call, task, observation, flags);
  const has = (flag: string) => hasFlag(flags, flag);
  if (has('CLONE_FILES')) task.descriptors = task.descriptors.copy();
  // A new mount namespace implies CLONE_FS: https://man7.org/linux/man-pages/man2/unshare.2.html
  if (has('CLONE_FS') || has('CLONE_NEWNS') || has('CLONE_NEWUSER'))
    task.directories = ownDirectories(task.directories);
  if (has('CLONE_NEWNS')) task.mounts = { isOwn: true };
  if (has('CLONE_NEWPID')) task.numbersChildrenApart = true;
  if (has('CLONE_NEWUSER')) task.credentials = withNewUsers(task.credentials);
};

/** https://man7.org/linux/man-pages/man2/setns.2.html: with a mount namespace come its root and a working directory there. */
const setns: Meaning = (call, task, observation) => {
  if (!succeeded(call)) return;
  const [fd, kind] = call.args;
  const named = observation.openFile(task, fd)?.path ?? '';
  const enters = (flag: string, file: string) =>
    hasFlag(kind, flag) || (numberOf(kind) === 0 && named.endsWith(`/ns/${file}`));
  recordNamespaces(call, task, observation, kind);
  if (numberOf(kind) === 0) observation.recorder.privileged('any type', call, task.credentials.label);
  if (enters('CLONE_NEWPID', 'pid') || named.endsWith('/ns/pid_for_children'))
    task.numbersChildrenApart = true;
  if (enters('CLONE_NEWUSER', 'user')) task.credentials = withNewUsers(task.credentials);
  if (!enters('CLONE_NEWNS', 'mnt')) return;
  task.directories = { current: '/', root: '/', isUnsettled: false, unseen: new Set() };
  task.mounts = { isOwn: true };
  observation.recorder.limit(
    "A process entered another mount namespace: its paths from then on are not the host's, and are in the profile as that process named them.",
  );
};

/** Mapping a file executable is what the loader does to a library; a mount without exec refuses it with EPERM. */
const mmap: Meaning = (call, task, observation) => {
  const [, , protection, flags, fd] = call.args;
  if (!hasFlag(protection, 'PROT_EXEC')) return;
  if (hasFlag(flags, 'MAP_ANONYMOUS')) return;
  observation.act(call, task, observation.openPath(call, task, fd), 'map');
};

export const processCalls: Meanings = {
  execve,
  execveat,
  fork: clone,
  vfork: clone,
  clone,
  clone3: clone,
  unshare,
  setns,
  mmap,
  mmap2: mmap,
};

/** Calls that make a task: their first half alone tells that a child may appear. */
export const births: ReadonlySet<string> = new Set(['fork', 'vfork', 'clone', 'clone3']);
