import type { Machine } from '../systemd/machine.ts';

/** The service manager of a machine that starts the probe: its own, or one of a user in it. */
export interface Prober {
  systemctl(args: readonly string[]): Promise<{ exitCode: number; stdout: string; stderr: string }>;
  /** Where drop-ins for its units may be written. */
  units: string;
  /** Whose the manager is, by number; undefined for root. */
  owner: number | undefined;
}

export function systemProber(machine: Machine): Prober {
  return {
    systemctl: (args) => machine.run(['systemctl', ...args], { timeout: 120_000 }),
    units: '/etc/systemd/system',
    owner: undefined,
  };
}
