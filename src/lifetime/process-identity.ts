import { readFileSync, statSync } from 'node:fs';

/**
 * When a process was started, in clock ticks since boot: with its number this names it for good, because numbers are used
 * again. Undefined where there is no such process.
 * https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html (field 22)
 */
export function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the command in parentheses and may itself hold spaces and parentheses.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** The pid namespace that our process numbers belong to: containers that share a /tmp number theirs on their own. */
export function pidNamespace(): string {
  try {
    return String(statSync('/proc/self/ns/pid').ino);
  } catch {
    return '0';
  }
}
