import type { SyscallGroups } from '../syscall-groups/groups.ts';

/** How much more than what was seen is let through: docs/levels.md. */
export type Level = 'minimal' | 'balanced' | 'relaxed';
export const levels: readonly Level[] = ['minimal', 'balanced', 'relaxed'];

/** What a denied system call meets: an errno, death, or only a line in the log. */
export type OnDeny = 'errno' | 'kill' | 'log';
export const onDenyChoices: readonly OnDeny[] = ['errno', 'kill', 'log'];

/** What the settings are for: nothing in it comes from the trace. */
export interface Context {
  level: Level;
  /** The version of systemd that will read the drop-in. */
  systemd: number;
  groups: SyscallGroups;
  /** The machine in systemd's words: `x86-64`. */
  architecture: string;
  onDeny: OnDeny;
  /** Whether the file system begins empty, and only what was needed is put into it (`--confine`). */
  confine: boolean;
  /** Whether addresses and ports of the trace may become the only ones (`--network`). */
  network: boolean;
  /** Whether that systemd can run BPF programs (`+BPF_FRAMEWORK`); undefined where it is another host's. */
  bpf: boolean | undefined;
}
