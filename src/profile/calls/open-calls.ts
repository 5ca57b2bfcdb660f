import { textOfBytes } from '../../paths/byte-text.ts';
import type { Syscall, Value } from '../../trace/event.ts';
import { field, hasFlag } from '../../trace/values.ts';
import type { Observation } from '../observation.ts';
import type { Task } from '../task.ts';
import { type Meaning, type Meanings, succeeded } from './meaning.ts';

/**
 * What opening a file does to it, from its flags: https://man7.org/linux/man-pages/man2/open.2.html
 * O_CREAT that succeeded may have found the file or made it: a second run must be able to make it, so it counts as creating.
 */
function opened(
  call: Syscall,
  task: Task,
  observation: Observation,
  path: string | undefined,
  flags: Value | undefined,
): void {
  const has = (flag: string) => flags !== undefined && hasFlag(flags, flag);
  const act = (name: Parameters<Observation['act']>[3]) => observation.act(call, task, path, name);
  if (has('O_PATH')) act('stat');
  else if (has('O_TMPFILE')) act('write');
  else {
    const writes = has('O_WRONLY') || has('O_RDWR') || has('O_TRUNC');
    if (!has('O_WRONLY')) act('read');
    if (writes) act('write');
    if (has('O_CREAT')) act('create');
  }
  if (succeeded(call) && call.result.number !== undefined) {
    const name = path ?? (call.result.info?.startsWith('/') ? textOfBytes(call.result.info) : undefined);
    task.descriptors.open(call.result.number, { path: name, family: undefined }, has('O_CLOEXEC'));
  }
}

const open: Meaning = (call, task, observation) => {
  opened(call, task, observation, observation.named(call, task, call.args[0]), call.args[1]);
};

const openat: Meaning = (call, task, observation) => {
  opened(call, task, observation, observation.named(call, task, call.args[1], call.args[0]), call.args[2]);
};

const openat2: Meaning = (call, task, observation) => {
  const how = call.args[2];
  const flags = how === undefined ? undefined : field(how, 'flags');
  opened(call, task, observation, observation.named(call, task, call.args[1], call.args[0]), flags);
};

const creat: Meaning = (call, task, observation) => {
  const flags: Value = { kind: 'text', text: 'O_WRONLY|O_CREAT|O_TRUNC' };
  opened(call, task, observation, observation.named(call, task, call.args[0]), flags);
};

export const openCalls: Meanings = { open, openat, openat2, creat };
