import type { Syscall, Value } from '../../trace/event.ts';
import { field, numberOf } from '../../trace/values.ts';
import { hasFlag } from '../known-flags.ts';
import type { IpcObject, Observation } from '../observation.ts';
import { succeeded } from '../outcome.ts';
import type { Task } from '../task.ts';
import { type ClassOf, recorded } from './class-of.ts';
import type { Meaning, Meanings } from './meaning.ts';

/**
 * System V objects: shared memory, semaphores, message queues. They have an owner and a mode, as files have.
 * https://man7.org/linux/man-pages/man7/sysvipc.7.html
 *
 * Whose an object is, the log tells where it shows who made it, or somebody asks (IPC_STAT). Where it does not, nothing is assumed.
 */
type Kind = 'shm' | 'sem' | 'msg';

/** More are not remembered. */
const most = 4096;

const key = (kind: Kind, id: number) => `${kind} ${id}`;

function permissions(mode: Value | undefined): number {
  const text = mode?.kind === 'text' ? mode.text : '';
  const octal = text.split('|').find((part) => /^0[0-7]*$/.test(part));
  return octal === undefined ? (numberOf(mode) ?? 0) & 0o777 : Number.parseInt(octal, 8) & 0o777;
}

/** `shmget(key, size, flags)` and its kin: the id is the result. */
function get(kind: Kind, flags: number): Meaning {
  return (call, task, observation) => {
    const id = call.result.number;
    if (!succeeded(call) || id === undefined || !observation.isOrdered) return;
    const given = call.args[flags];
    const record = (what: string) => observation.recorder.privileged(what, call, task.credentials.label);
    if (hasFlag(given, 'SHM_HUGETLB')) record('SHM_HUGETLB');
    const first = call.args[0];
    const isNew =
      (first?.kind === 'text' && /^(?:IPC_PRIVATE|0x0|0)$/.test(first.text)) || hasFlag(given, 'IPC_EXCL');
    const known = observation.ipcObjects.get(key(kind, id));
    if (isNew) {
      const uid = task.credentials.uid.effective;
      remember(observation, kind, id, { owners: [uid], mode: permissions(given) });
    } else if (known !== undefined && refuses(known, permissions(given), task)) record(anothers);
  };
}

function remember(observation: Observation, kind: Kind, id: number, object: IpcObject): void {
  if (observation.ipcObjects.size < most || observation.ipcObjects.has(key(kind, id)))
    observation.ipcObjects.set(key(kind, id), object);
}

const anothers = "another user's object";

function isForeign({ owners }: IpcObject, task: Task): boolean {
  return !owners.includes(task.credentials.uid.effective);
}

/** Whether the mode alone would stop somebody who is neither the owner nor in his group. */
function refuses(object: IpcObject, wanted: number, task: Task): boolean {
  if (!isForeign(object, task)) return false;
  const asked = (wanted >> 6) | (wanted >> 3) | wanted;
  return (asked & ~object.mode & 0o007) !== 0;
}

const reading = 0o400;
const writing = 0o200;

/** shmat, semop, msgsnd, msgrcv: `(id, …)`. */
function use(kind: Kind, wanted: (call: Syscall) => number): Meaning {
  return recorded((call, task, observation) => {
    if (observation.ipcObjects.size === 0) return undefined;
    const object = observation.ipcObjects.get(key(kind, numberOf(call.args[0]) ?? -1));
    return object !== undefined && refuses(object, wanted(call), task) ? anothers : undefined;
  });
}

/** shmctl, semctl, msgctl; `command` and `data` are positions. */
function control(kind: Kind, command: number, data: number): Meaning {
  return (call, task, observation) => {
    const id = numberOf(call.args[0]);
    if (!succeeded(call) || id === undefined || !observation.isOrdered) return;
    const name = nameOf(call.args[command]);
    const structure = call.args[data];
    const record = (what: string) => observation.recorder.privileged(what, call, task.credentials.label);
    if (name === 'IPC_STAT') learn(observation, kind, id, field(structure, `${kind}_perm`));
    const object = observation.ipcObjects.get(key(kind, id));
    const isAnothers = object !== undefined && isForeign(object, task);
    if (changes.has(name)) {
      if (isAnothers) record(`${name} of ${anothers}`);
      if (name === 'IPC_SET' && (numberOf(field(structure, 'msg_qbytes')) ?? 0) > usualBytes)
        record('a longer queue');
    } else if (object !== undefined && !asksNobody.has(name)) {
      const wanted = /^SET/.test(name) ? writing : reading;
      if (refuses(object, wanted, task)) record(anothers);
    }
    if (name === 'IPC_RMID') observation.ipcObjects.delete(key(kind, id));
  };
}

/** The owner decides: https://man7.org/linux/man-pages/man2/shmctl.2.html */
const changes: ReadonlySet<string> = new Set(['IPC_SET', 'IPC_RMID', 'SHM_LOCK', 'SHM_UNLOCK']);
const asksNobody: ReadonlySet<string> = new Set(['IPC_INFO', 'SHM_INFO', 'SEM_INFO', 'MSG_INFO']);

/** kernel.msgmnb, as every system has it: https://man7.org/linux/man-pages/man2/msgctl.2.html */
const usualBytes = 16384;

/** `IPC_64|IPC_RMID` on machines that have two forms of the structures. */
function nameOf(command: Value | undefined): string {
  const text = command?.kind === 'text' ? command.text : '';
  return text.split('|').find((part) => part !== 'IPC_64') ?? '';
}

function learn(observation: Observation, kind: Kind, id: number, permission: Value | undefined): void {
  const [uid, creator] = ['uid', 'cuid'].map((name) => numberOf(field(permission, name)));
  if (uid === undefined) return;
  const owners = creator === undefined ? [uid] : [uid, creator];
  remember(observation, kind, id, { owners, mode: permissions(field(permission, 'mode')) });
}

/** More messages, or longer ones, than anybody may have: https://man7.org/linux/man-pages/man7/mq_overview.7.html */
const largeQueue: ClassOf = ({ args }) => {
  const attributes = args[3];
  const messages = numberOf(field(attributes, 'mq_maxmsg')) ?? 0;
  const bytes = numberOf(field(attributes, 'mq_msgsize')) ?? 0;
  return hasFlag(args[1], 'O_CREAT') && (messages > 10 || bytes > 8192) ? 'a large queue' : undefined;
};

export const ipcCalls: Meanings = {
  shmget: get('shm', 2),
  semget: get('sem', 2),
  msgget: get('msg', 1),
  shmat: use('shm', ({ args }) => (hasFlag(args[2], 'SHM_RDONLY') ? reading : reading | writing)),
  semop: use('sem', () => writing),
  semtimedop: use('sem', () => writing),
  semtimedop_time64: use('sem', () => writing),
  msgsnd: use('msg', () => writing),
  msgrcv: use('msg', () => reading),
  shmctl: control('shm', 1, 2),
  semctl: control('sem', 2, 3),
  msgctl: control('msg', 1, 2),
  mq_open: recorded(largeQueue),
};
