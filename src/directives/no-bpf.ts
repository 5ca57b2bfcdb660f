import type { Context } from './context.ts';

/** Says in a comment what is true of directives that systemd carries out with BPF programs, where it was built without them. */
export function withoutBpf(reason: string, context: Context): string {
  if (context.bpf !== false) return reason;
  return `${reason} The systemd of this host is built without the BPF framework (systemctl --version): here the line does nothing.`;
}
