import type { Value } from '../../trace/event.ts';
import { numberOf } from '../../trace/values.ts';
import { type ClassOf, recordedAll } from './class-of.ts';
import type { Meanings } from './meaning.ts';

/**
 * Modes with a set-ID bit, by which a filter lets calls through or refuses them. The class of the arguments is all that is kept.
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
});
