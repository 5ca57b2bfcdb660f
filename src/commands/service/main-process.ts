import { literalWord } from './unit-word.ts';

/**
 * systemd guesses the main process of a forking service that has no PIDFile=: it is the only one left whose parent is systemd. The
 * tracer is a second one, and then nothing is guessed (unit_search_main_pid() in src/core/unit.c). So, after the start, the one
 * beside the tracer is told to systemd. The text is fixed; where there is not just one, nothing is told, as systemd would do it.
 */
const tell = `
own=$(sed -n 's/^0:://p' /proc/self/cgroup)
found=
for pid in $(cat "/sys/fs/cgroup$own/cgroup.procs"); do
  test "$pid" != $$ || continue
  read -r name < "/proc/$pid/comm" || continue
  test "$name" != strace || continue
  grep -q '^PPid:[[:space:]]1$' "/proc/$pid/status" || continue
  test -z "$found" || exit 0
  found=$pid
done
test -z "$found" || exec systemd-notify "MAINPID=$found"
`;

/** A command for ExecStartPost=, which needs NotifyAccess=all. */
export function tellMainProcess(): string {
  const text = tell.trim().replaceAll('\n', '; ').replaceAll('do;', 'do');
  return `-+/bin/sh -c ${literalWord(text)}`;
}
