import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pidNamespace, startTime } from './process-identity.ts';

const prefix = 'sandbox-profile-';
/** Owner's number, start time and pid namespace, then what mkdtemp adds. */
const spoolName = /^sandbox-profile-(\d{1,10})-(\d{1,20})-(\d{1,20})-[A-Za-z0-9]{6}$/;
const fatalSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const live = new Set<string>();

/**
 * Makes a directory that only we can enter (0700), for the trace while it is read, and first removes those of owners that
 * are no more. It goes with `removeSpoolDirectory`, or when this process ends by itself, by an uncaught error, or by a signal
 * that nobody else handles; after a SIGKILL the next call sweeps it.
 *
 * It lies in the temporary directory, not in /run: a slow reader makes the trace long, and a full /run harms the whole host.
 */
export function makeSpoolDirectory(parent = tmpdir()): string {
  sweepSpools(parent);
  const owner = [process.pid, startTime(process.pid) ?? '0', pidNamespace()].join('-');
  const directory = mkdtempSync(join(parent, `${prefix}${owner}-`));
  if (live.size === 0) watchOurEnd();
  live.add(directory);
  return directory;
}

export function removeSpoolDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
  live.delete(directory);
  if (live.size === 0) unwatchOurEnd();
}

/** Removes what processes that were killed left behind: ours only (same user, same pid namespace), never through a link. */
export function sweepSpools(parent = tmpdir()): void {
  for (const name of entries(parent)) {
    const [, pid, started, namespace] = spoolName.exec(name) ?? [];
    if (pid === undefined || namespace !== pidNamespace() || startTime(Number(pid)) === started) continue;
    const directory = join(parent, name);
    try {
      const found = lstatSync(directory);
      if (!found.isDirectory() || found.uid !== process.geteuid?.()) continue;
      rmSync(directory, { recursive: true, force: true });
    } catch {
      // Another start was faster, or it cannot be removed: the next start tries again.
    }
  }
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function removeAll(): void {
  for (const directory of live) rmSync(directory, { recursive: true, force: true });
  live.clear();
}

/** Whoever else listens for the signal decides how we end, and our `exit` comes then; else it ends us as if we did not. */
function onFatalSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  removeAll();
  unwatchOurEnd();
  process.kill(process.pid, signal);
}

function watchOurEnd(): void {
  process.on('exit', removeAll);
  for (const signal of fatalSignals) process.on(signal, onFatalSignal);
}

function unwatchOurEnd(): void {
  process.off('exit', removeAll);
  for (const signal of fatalSignals) process.off(signal, onFatalSignal);
}
