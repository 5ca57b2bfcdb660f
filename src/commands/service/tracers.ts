import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { signalAll } from '../../trace/live/tracees.ts';

/** A strace that writes below a directory, and which run of the unit its log is of. */
export interface RunningTracer {
  pid: number;
  run: string;
}

/** Those of our pid namespace: a throw-away machine may write to a directory of the same name. */
export function tracersBelow(traces: string): RunningTracer[] {
  const own = linkOf('/proc/self/ns/pid');
  const found: RunningTracer[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const words = textOf(`/proc/${name}/cmdline`).split('\0');
    const at = words.indexOf('-o');
    const log = words[at + 1] ?? '';
    if (at < 0 || !log.startsWith(`${traces}/`) || linkOf(`/proc/${name}/ns/pid`) !== own) continue;
    // Until it has become the daemon, a process that strace started looks like strace.
    if (textOf(`/proc/${name}/comm`) !== 'strace\n') continue;
    found.push({ pid: Number(name), run: log.slice(traces.length + 1).split('/')[0] ?? '' });
  }
  return found;
}

/**
 * Ends the tracing, not the traced: the kernel lets go of them, and they go on.
 * https://man7.org/linux/man-pages/man2/ptrace.2.html
 */
export function endTracers(traces: string): number {
  const tracers = tracersBelow(traces);
  signalAll(
    tracers.map(({ pid }) => pid),
    'SIGKILL',
  );
  return tracers.length;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
