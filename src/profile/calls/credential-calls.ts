import type { Syscall, Value } from '../../trace/event.ts';
import { elements, field, numberOf } from '../../trace/values.ts';
import { capabilityOf, capabilitySet, capabilityText, noCapabilities } from '../capabilities.ts';
import {
  type Credentials,
  changed,
  holds,
  type Ids,
  initialCredentials,
  withFileUser,
  withUserIds,
} from '../credentials.ts';
import type { Observation } from '../observation.ts';
import { succeeded } from '../outcome.ts';
import type { Task } from '../task.ts';
import type { Meaning, Meanings } from './meaning.ts';

/** Calls that change, or tell, who a thread is: https://man7.org/linux/man-pages/man7/credentials.7.html */

/** An id as an argument: -1, also as the unsigned number of old versions, is undefined. */
function idOf(value: Value | undefined): number | undefined {
  const id = numberOf(value);
  return id === undefined || id < 0 || id >= 0xffffffff ? undefined : id;
}

/** `set` makes the new ids of the old ones and the arguments; null where the kernel changed nothing. */
function userMeaning(set: (ids: Ids, args: readonly Value[], before: Credentials) => Ids | null): Meaning {
  return (call, task, observation) => {
    if (!succeeded(call)) return;
    const before = task.credentials;
    const uid = set(before.uid, call.args, before);
    if (uid === null) return;
    task.credentials = withUserIds(before, uid);
    record(call, task, observation, idText(before.uid), idText(uid), before);
  };
}

function groupMeaning(set: (ids: Ids, args: readonly Value[], before: Credentials) => Ids | null): Meaning {
  return (call, task, observation) => {
    if (!succeeded(call)) return;
    const before = task.credentials;
    const gid = set(before.gid, call.args, before);
    if (gid === null) return;
    task.credentials = changed(before, { gid, isAssumed: before.isAssumed });
    record(call, task, observation, idText(before.gid), idText(gid), before);
  };
}

function record(
  call: Syscall,
  _task: Task,
  observation: Observation,
  from: string,
  to: string,
  before: Credentials,
): void {
  observation.recorder.transition(call.name, from, to, call, before.label);
}

/** `real:effective:saved`, `?` for what nobody knows. */
function idText({ real, effective, saved }: Ids): string {
  return [real, effective, saved].map((id) => (id < 0 ? '?' : String(id))).join(':');
}

/** setuid and setgid: with the capability all three ids, without it the effective one. */
function setAll(name: 'SETUID' | 'SETGID') {
  return (ids: Ids, args: readonly Value[], before: Credentials): Ids | null => {
    const id = idOf(args[0]);
    if (id === undefined) return null;
    if (holds(before, name)) return { real: id, effective: id, saved: id, file: id };
    return { ...ids, effective: id, file: id };
  };
}

/** https://man7.org/linux/man-pages/man2/setreuid.2.html: when the saved id follows the effective one. */
function setRealAndEffective(ids: Ids, args: readonly Value[]): Ids {
  const [real, effective] = [idOf(args[0]), idOf(args[1])];
  const current = effective ?? ids.effective;
  const moves = real !== undefined || (effective !== undefined && effective !== ids.real);
  return { real: real ?? ids.real, effective: current, saved: moves ? current : ids.saved, file: current };
}

function setEach(ids: Ids, args: readonly Value[]): Ids {
  const [real, effective, saved] = [idOf(args[0]), idOf(args[1]), idOf(args[2])];
  const current = effective ?? ids.effective;
  return { real: real ?? ids.real, effective: current, saved: saved ?? ids.saved, file: current };
}

/** setfsuid answers the id of before whether or not it worked: https://man7.org/linux/man-pages/man2/setfsuid.2.html */
const setfsuid: Meaning = (call, task, observation) => {
  const id = idOf(call.args[0]);
  const before = task.credentials;
  if (!succeeded(call) || id === undefined || id === before.uid.file) return;
  const { real, effective, saved } = before.uid;
  if (!holds(before, 'SETUID') && id !== real && id !== effective && id !== saved) return;
  task.credentials = withFileUser(before, id);
  record(call, task, observation, String(before.uid.file), String(id), before);
};

const setfsgid: Meaning = (call, task, observation) => {
  const id = idOf(call.args[0]);
  const before = task.credentials;
  if (!succeeded(call) || id === undefined || id === before.gid.file) return;
  const { real, effective, saved } = before.gid;
  if (!holds(before, 'SETGID') && id !== real && id !== effective && id !== saved) return;
  task.credentials = changed(before, { gid: { ...before.gid, file: id }, isAssumed: before.isAssumed });
  record(call, task, observation, before.gid.file < 0 ? '?' : String(before.gid.file), String(id), before);
};

const setgroups: Meaning = (call, task, observation) => {
  if (!succeeded(call)) return;
  const groups = elements(call.args[1]).map((group) => numberOf(group) ?? '?');
  record(call, task, observation, '?', groups.join(','), task.credentials);
};

/** https://man7.org/linux/man-pages/man2/capset.2.html */
const capset: Meaning = (call, task, observation) => {
  if (!succeeded(call)) return;
  const before = task.credentials;
  const [effective, permitted, inheritable] = ['effective', 'permitted', 'inheritable'].map((name) =>
    capabilitySet(field(call.args[1], name)),
  );
  if (effective === undefined || permitted === undefined || inheritable === undefined) {
    observation.recorder.limit(
      'capset was called with sets that the log does not show: with which capabilities things were done from then on is not certain.',
    );
    return;
  }
  // A capability that is no longer both permitted and inheritable can't stay ambient.
  const ambient = before.ambient & permitted & inheritable;
  task.credentials = changed(before, { effective, permitted, inheritable, ambient });
  record(call, task, observation, capabilityText(before.effective), capabilityText(effective), before);
  if ((inheritable & ~before.inheritable & ~before.permitted) !== noCapabilities)
    observation.recorder.privileged('raises inheritable', call, before.label);
  // Sets that are nearly full are what it had, less some: with fewer to begin with it asks for fewer.
  const kept = capabilityText(permitted | inheritable);
  if (!/^(?:none|all)/.test(kept)) observation.recorder.privileged(`keeps ${kept}`, call, before.label);
};

/** https://man7.org/linux/man-pages/man2/prctl.2.html: the operations that are about credentials. */
const prctl: Meaning = (call, task, observation) => {
  if (!succeeded(call)) return;
  const [operation, second, third] = call.args;
  const before = task.credentials;
  const name = operation?.kind === 'text' ? (operationNames[operation.text] ?? operation.text) : '';
  switch (name) {
    case 'PR_CAPBSET_DROP': {
      const dropped = capabilityOf(second) ?? noCapabilities;
      task.credentials = changed(before, {
        bounding: before.bounding & ~dropped,
        isAssumed: before.isAssumed,
      });
      observation.recorder.privileged(`${name} ${capabilityText(dropped)}`, call, before.label);
      return;
    }
    case 'PR_SET_KEEPCAPS':
      task.credentials = changed(before, {
        keepsCapabilities: (numberOf(second) ?? 0) !== 0,
        isAssumed: before.isAssumed,
      });
      observation.recorder.privileged(name, call, before.label);
      return;
    case 'PR_SET_NO_NEW_PRIVS':
      task.credentials = changed(before, { noNewPrivileges: true, isAssumed: before.isAssumed });
      observation.recorder.transition(call.name, '', 'no_new_privs', call, before.label);
      return;
    case 'PR_SET_SECUREBITS': {
      const bits = secureBits(second);
      task.credentials = changed(before, {
        noRoot: bits.has('SECBIT_NOROOT'),
        noSetuidFixup: bits.has('SECBIT_NO_SETUID_FIXUP'),
        keepsCapabilities: bits.has('SECBIT_KEEP_CAPS'),
        isAssumed: before.isAssumed,
      });
      observation.recorder.privileged(name, call, before.label);
      return;
    }
    case 'PR_CAP_AMBIENT': {
      const ambient = ambientAfter(before, second, third);
      if ((ambient & ~before.ambient) !== noCapabilities)
        observation.recorder.privileged('PR_CAP_AMBIENT_RAISE', call, before.label);
      if (ambient === before.ambient) return;
      task.credentials = changed(before, { ambient, isAssumed: before.isAssumed });
      observation.recorder.transition(
        call.name,
        `ambient ${capabilityText(before.ambient)}`,
        `ambient ${capabilityText(ambient)}`,
        call,
        before.label,
      );
      return;
    }
    default:
      if (privilegedOperations.has(name)) observation.recorder.privileged(name, call, before.label);
  }
};

/** Under `-X raw` the operation is a number: include/uapi/linux/prctl.h. */
const operationNames: Readonly<Record<string, string>> = {
  '0x18': 'PR_CAPBSET_DROP',
  '0x8': 'PR_SET_KEEPCAPS',
  '0x26': 'PR_SET_NO_NEW_PRIVS',
  '0x1c': 'PR_SET_SECUREBITS',
  '0x2f': 'PR_CAP_AMBIENT',
  '0x16': 'PR_SET_SECCOMP',
};

const privilegedOperations: ReadonlySet<string> = new Set([
  'PR_SET_SECCOMP',
  'PR_SET_MM',
  'PR_SET_IO_FLUSHER',
]);

function ambientAfter(before: Credentials, operation: Value | undefined, which: Value | undefined): bigint {
  const text = operation?.kind === 'text' ? operation.text : '';
  const one = capabilityOf(which) ?? noCapabilities;
  if (text === 'PR_CAP_AMBIENT_RAISE' || text === '0x2') return before.ambient | one;
  if (text === 'PR_CAP_AMBIENT_LOWER' || text === '0x3') return before.ambient & ~one;
  return text === 'PR_CAP_AMBIENT_CLEAR_ALL' || text === '0x4' ? noCapabilities : before.ambient;
}

/** https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/include/uapi/linux/securebits.h */
function secureBits(value: Value | undefined): Set<string> {
  const bits: readonly [number, string][] = [
    [1, 'SECBIT_NOROOT'],
    [4, 'SECBIT_NO_SETUID_FIXUP'],
    [16, 'SECBIT_KEEP_CAPS'],
  ];
  const found = new Set<string>();
  for (const part of value?.kind === 'text' ? value.text.split('|') : []) {
    for (const [bit, name] of bits) if (part === name || (Number(part) & bit) !== 0) found.add(name);
  }
  return found;
}

/** What was taken for granted about a process that began before the log is put right by what it is told about itself. */
function told(credentials: Credentials, effective: number): Credentials {
  if (!credentials.isAssumed || credentials.uid.effective === effective) return credentials;
  return { ...initialCredentials(effective), gid: credentials.gid };
}

const geteuid: Meaning = (call, task) => {
  if (succeeded(call) && call.result.number !== undefined && task.credentials.isAssumed)
    task.credentials = told(task.credentials, call.result.number);
};

export const credentialCalls: Meanings = {
  setuid: userMeaning(setAll('SETUID')),
  setuid32: userMeaning(setAll('SETUID')),
  setreuid: userMeaning(setRealAndEffective),
  setreuid32: userMeaning(setRealAndEffective),
  setresuid: userMeaning(setEach),
  setresuid32: userMeaning(setEach),
  setfsuid,
  setfsuid32: setfsuid,
  setgid: groupMeaning(setAll('SETGID')),
  setgid32: groupMeaning(setAll('SETGID')),
  setregid: groupMeaning(setRealAndEffective),
  setregid32: groupMeaning(setRealAndEffective),
  setresgid: groupMeaning(setEach),
  setresgid32: groupMeaning(setEach),
  setfsgid,
  setfsgid32: setfsgid,
  setgroups,
  setgroups32: setgroups,
  capset,
  prctl,
  geteuid,
  geteuid32: geteuid,
};
