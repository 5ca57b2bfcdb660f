import type { Syscall, Value } from '../../trace/event.ts';
import { numberOf } from '../../trace/values.ts';
import { hasFlag } from '../known-flags.ts';
import { succeeded } from '../outcome.ts';
import type { Meaning, Meanings } from './meaning.ts';

/**
 * Calls that a sandbox lets through or refuses by their arguments: memory that may be written and executed, modes with a set-ID
 * bit, execution domains, objects that others may have made. The class of the arguments is all that is kept.
 * https://github.com/systemd/systemd/blob/v252/src/shared/seccomp-util.c (seccomp_memory_deny_write_execute, seccomp_restrict_suid_sgid)
 */
type ClassOf = (call: Syscall) => string | undefined;

const writableCode: ClassOf = ({ args }) =>
  hasFlag(args[2], 'PROT_WRITE') && hasFlag(args[2], 'PROT_EXEC') ? 'written and executed' : undefined;

const madeExecutable: ClassOf = ({ args }) => (hasFlag(args[2], 'PROT_EXEC') ? 'made executable' : undefined);

const sharedCode: ClassOf = ({ args }) => {
  const flags = args[2];
  return flags?.kind === 'text' && flags.text.includes('SHM_EXEC') ? 'made executable' : undefined;
};

const setId =
  (position: number): ClassOf =>
  ({ args }) =>
    hasSetId(args[position]) ? 'set-ID mode' : undefined;

/** `04755`, `S_IFREG|02644`, `S_ISUID|0755` */
function hasSetId(mode: Value | undefined): boolean {
  if (mode?.kind !== 'text') return false;
  return mode.text.split('|').some((part) => {
    if (part === 'S_ISUID' || part === 'S_ISGID') return true;
    const bits = numberOf({ kind: 'text', text: part });
    return bits !== undefined && (bits & 0o6000) !== 0;
  });
}

/** `PER_LINUX`, `0xffffffff` for one who only asks: https://man7.org/linux/man-pages/man2/personality.2.html */
const domain: ClassOf = ({ args: [value] }) => (value?.kind === 'text' ? value.text.slice(0, 80) : '');

/** An object of System V that nobody finds by its key, or one that others may find: https://man7.org/linux/man-pages/man7/sysvipc.7.html */
const keyed: ClassOf = ({ args: [key] }) =>
  key?.kind === 'text' && key.text === 'IPC_PRIVATE' ? 'IPC_PRIVATE' : 'a key';

const classes: Readonly<Record<string, ClassOf>> = {
  mmap: writableCode,
  mmap2: writableCode,
  mprotect: madeExecutable,
  pkey_mprotect: madeExecutable,
  shmat: sharedCode,
  chmod: setId(1),
  fchmod: setId(1),
  fchmodat: setId(2),
  fchmodat2: setId(2),
  mkdir: setId(1),
  mkdirat: setId(2),
  mknod: setId(1),
  mknodat: setId(2),
  open: setId(2),
  openat: setId(3),
  creat: setId(1),
  personality: domain,
  shmget: keyed,
  semget: keyed,
  msgget: keyed,
};

function recorded(classOf: ClassOf): Meaning {
  return (call, task, observation) => {
    const what = succeeded(call) ? classOf(call) : undefined;
    if (what !== undefined) observation.recorder.privileged(what, call, task.credentials.label);
  };
}

export const filteredCalls: Meanings = Object.fromEntries(
  Object.entries(classes).map(([name, classOf]) => [name, recorded(classOf)]),
);
