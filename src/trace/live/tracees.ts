import { readdirSync, readFileSync } from 'node:fs';

/**
 * The processes (thread-group leaders) that `tracer` traces now.
 * https://man7.org/linux/man-pages/man5/proc_pid_status.5.html (TracerPid)
 */
export function traceesOf(tracer: number): number[] {
  const line = `\nTracerPid:\t${tracer}\n`;
  const found: number[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (readFileSync(`/proc/${name}/status`, 'latin1').includes(line)) found.push(Number(name));
    } catch {
      // It has ended in between.
    }
  }
  return found;
}

/** Sends a signal to each; those that have ended in between are passed over. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended, or became another user's: the caller looks again for who is left.
    }
  }
}
