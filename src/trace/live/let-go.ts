import { within } from './trace-session.ts';

/** How long strace may take to let go of its targets, in milliseconds. */
const patience = 1000;

/** A strace that was attached to processes which must live on. */
export interface Attached {
  /** Settles when strace has ended. */
  exited: Promise<unknown>;
  isOver(): boolean;
  signal(name: 'SIGINT' | 'SIGKILL'): void | Promise<void>;
}

/**
 * Ends a trace; what was traced lives on. strace waits for each target to stop, and one that waits for its child of vfork(2) cannot,
 * while the child, stopped already, waits for strace: all would be frozen for ever
 * (`detach` in https://github.com/strace/strace/blob/v6.1/src/strace.c). Of a tracer that was killed the kernel lets go itself, and
 * what it traced goes on (`exit_ptrace` in https://github.com/torvalds/linux/blob/v6.1/kernel/ptrace.c).
 */
export async function letGo(strace: Attached): Promise<void> {
  if (strace.isOver()) return;
  await strace.signal('SIGINT');
  await within(patience, strace.exited);
  if (!strace.isOver()) await strace.signal('SIGKILL');
}
