import type { Profile } from '../profile/profile.ts';
import { refusable } from '../syscall-groups/dangerous.ts';
import { explainGenerally } from '../syscall-groups/generalise.ts';
import { withSiblings } from '../syscall-groups/siblings.ts';
import type { Context } from './context.ts';
import { droppingCalls } from './kernel-filters.ts';

/**
 * systemd's own child uses these between installing the filter and starting the program (write: to report a failed exec, with
 * Type=exec): https://github.com/systemd/systemd/blob/v252/src/core/execute.c (exec_child)
 */
const beforeExec = ['execve', 'write'];

/** Modules of PAM look into a home as the user whose it is: https://man7.org/linux/man-pages/man2/setfsuid.2.html */
const onFiles = ['setfsuid', 'setfsuid32', 'setfsgid', 'setfsgid32'];

/** glibc starts a thread or a child with clone3 and takes clone only where the answer is ENOSYS. */
export const childCalls = ['clone', 'fork', 'vfork', 'clone3'];

/**
 * The one place where it is decided which system calls are let through at `minimal` and `balanced`: each with the reason, which
 * is `seen` for those of the trace.
 * @param keepsChown whether CAP_CHOWN is kept
 * @param authenticates whether the daemon logs people in
 */
export function wantedCalls(
  profile: Profile,
  context: Context,
  {
    keepsChown,
    authenticates,
    needsNewPrivileges,
  }: { keepsChown: boolean; authenticates: boolean; needsNewPrivileges: boolean },
): Map<string, string> {
  const seen = new Set(Object.keys(profile.syscalls).filter(isCallName));
  const wanted =
    context.level === 'minimal'
      ? new Map(
          [...withSiblings(seen)].map((name) => [
            name,
            seen.has(name) ? 'seen' : 'stands in for a call that was seen',
          ]),
        )
      : new Map(explainGenerally(seen, context.groups));
  // Files that it has already given away look as if nothing had to be done; the next log, or the next directory, is another one.
  const givesAway = context.level !== 'minimal' && keepsChown;
  for (const name of givesAway ? context.groups.members('@chown') : [])
    if (!wanted.has(name)) wanted.set(name, 'CAP_CHOWN is kept, so what makes use of it is');
  const logsIn = context.level !== 'minimal' && authenticates;
  for (const name of logsIn ? [...context.groups.members('@setuid'), ...onFiles] : [])
    if (!wanted.has(name) && context.groups.known(name))
      wanted.set(name, 'a login changes its user, and none may have been traced');
  for (const name of profile.unwatched)
    if (!wanted.has(name)) wanted.set(name, 'it was not watched whether it is made');
  for (const name of beforeExec)
    if (!wanted.has(name)) wanted.set(name, 'systemd itself calls it before the program starts');
  for (const name of needsNewPrivileges ? droppingCalls : [])
    if (!wanted.has(name))
      wanted.set(name, 'without it systemd would set NoNewPrivileges=yes, and set-ID programs were executed');
  return wanted;
}

/**
 * The one place where it is decided which system calls are refused at `relaxed`: dangerous ones that were not seen, but never those by which
 * a thread or a child is begun.
 */
export function refusedCalls(
  profile: Profile,
  context: Context,
  { needsNewPrivileges }: { needsNewPrivileges: boolean },
): Set<string> {
  const seen = new Set([...Object.keys(profile.syscalls), ...profile.unwatched]);
  const refused = refusable(seen, context.groups);
  const kept = [...childCalls, ...(needsNewPrivileges ? droppingCalls : [])];
  return new Set([...refused.keys()].filter((name) => !kept.includes(name)));
}

/** strace prints calls without a name as `syscall_0x1c7` or `???`, and a log can hold anything: no filter can name these. */
export function isCallName(name: string): boolean {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !name.startsWith('syscall_');
}
