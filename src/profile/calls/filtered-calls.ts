import type { Value } from '../../trace/event.ts';
import { numberOf } from '../../trace/values.ts';
import { type ClassOf, recordedAll, textAt } from './class-of.ts';
import type { Meanings } from './meaning.ts';

/**
 * Calls that a sandbox lets through or refuses by their arguments: modes with a set-ID bit, execution domains, objects that others may
 * have made. The class of the arguments is all that is kept.
 * https://github.com/systemd/systemd/blob/v252/src/shared/seccomp-util.c (seccomp_restrict_suid_sgid)
 */

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

/** An object of System V that nobody finds by its key, or one that others may find: https://man7.org/linux/man-pages/man7/sysvipc.7.html */
const keyed: ClassOf = ({ args: [key] }) =>
  key?.kind === 'text' && key.text === 'IPC_PRIVATE' ? 'IPC_PRIVATE' : 'a key';

export const filteredCalls: Meanings = recordedAll({
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
  // `PER_LINUX`, `0xffffffff` for one who only asks: https://man7.org/linux/man-pages/man2/personality.2.html
  personality: textAt(0),
  shmget: keyed,
  semget: keyed,
  msgget: keyed,
});
