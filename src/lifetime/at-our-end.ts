import { areHeld, interrupts } from './interrupt.ts';

const undoing = new Set<() => void>();

/**
 * Has `undo` called when this process ends by itself, by an uncaught error, or by a signal that nobody holds. It must do all at
 * once, without a promise: nothing else of this process runs any more then. After a SIGKILL only the next start can help.
 * @returns forgets it, once it is done already
 */
export function atOurEnd(undo: () => void): () => void {
  if (undoing.size === 0) watch();
  undoing.add(undo);
  return () => {
    if (undoing.delete(undo) && undoing.size === 0) unwatch();
  };
}

function undoAll(): void {
  for (const undo of undoing) {
    undoing.delete(undo);
    try {
      undo();
    } catch {
      // The next start tries again; the others are still to be done.
    }
  }
}

/**
 * We end as if we had not listened, at once: what has just been undone would look like a failure to whatever ran on. Libraries
 * that listen as well (signal-exit) leave it to us as long as we do.
 */
function onInterrupt(signal: NodeJS.Signals): void {
  if (areHeld()) return;
  undoAll();
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

function watch(): void {
  process.on('exit', undoAll);
  for (const signal of interrupts) process.on(signal, onInterrupt);
}

function unwatch(): void {
  process.off('exit', undoAll);
  for (const signal of interrupts) process.off(signal, onInterrupt);
}
