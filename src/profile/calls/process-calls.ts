import type { Value } from '../../trace/event.ts';
import { field, hasFlag, stringBytes } from '../../trace/values.ts';
import { forkSharing, type Sharing, startProgram } from '../task.ts';
import { type Meaning, type Meanings, succeeded } from './meaning.ts';

const execve: Meaning = (call, task, observation) => {
  const path = observation.named(call, task, call.args[0]);
  observation.act(call, task, path, 'execute');
  if (!succeeded(call)) return;
  if (observation.recorder.program === '' && path !== undefined) observation.recorder.program = path;
  startProgram(task);
};

const execveat: Meaning = (call, task, observation) => {
  const named = call.args[1];
  const path =
    named !== undefined && stringBytes(named) === ''
      ? observation.openFile(task, call.args[0])?.path
      : observation.named(call, task, named, call.args[0]);
  observation.act(call, task, path, 'execute');
  if (succeeded(call)) startProgram(task);
};

/** What a new task shares, from clone's flags. Which argument holds them differs by version, so each is asked. */
export function sharingOf(name: string, args: readonly Value[]): Sharing {
  if (name === 'fork' || name === 'vfork') return forkSharing;
  const [first] = args;
  const flags = name === 'clone3' ? [first === undefined ? undefined : field(inward(first), 'flags')] : args;
  const has = (flag: string) => flags.some((value) => value?.kind === 'text' && hasFlag(value, flag));
  return { files: has('CLONE_FILES'), directories: has('CLONE_FS'), thread: has('CLONE_THREAD') };
}

/** What went into a structure that the kernel also writes to. */
function inward(value: Value): Value {
  return value.kind === 'change' ? value.before : value;
}

const clone: Meaning = (call, task, observation) => {
  observation.tasks.birthEnds(
    task,
    sharingOf(call.name, call.args),
    succeeded(call) ? call.result.number : undefined,
  );
};

const unshare: Meaning = (call, task) => {
  const flags = call.args[0];
  if (!succeeded(call) || flags === undefined) return;
  if (hasFlag(flags, 'CLONE_FILES')) task.descriptors = task.descriptors.copy();
  if (hasFlag(flags, 'CLONE_FS')) task.directories = { ...task.directories };
};

/** Mapping a file executable is what the loader does to a library; a mount without exec refuses it with EPERM. */
const mmap: Meaning = (call, task, observation) => {
  const [, , protection, flags, fd] = call.args;
  if (protection === undefined || flags === undefined || !hasFlag(protection, 'PROT_EXEC')) return;
  if (hasFlag(flags, 'MAP_ANONYMOUS')) return;
  observation.act(call, task, observation.openFile(task, fd)?.path, 'map');
};

export const processCalls: Meanings = {
  execve,
  execveat,
  fork: clone,
  vfork: clone,
  clone,
  clone3: clone,
  unshare,
  mmap,
  mmap2: mmap,
};

/** Calls that make a task: their first half alone tells that a child may appear. */
export const births: ReadonlySet<string> = new Set(['fork', 'vfork', 'clone', 'clone3']);
