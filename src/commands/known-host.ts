import type { SyscallGroups } from '../syscall-groups/groups.ts';
import { groupsOfHost } from '../syscall-groups/host-groups.ts';
import { type HostSystemd, hostSystemd } from '../systemd/host-version.ts';
import { type InstalledUnits, openUnits } from '../systemd/installed-unit.ts';

/** The systemd of this host, and its groups of system calls. */
export interface KnownHost {
  systemd: HostSystemd | undefined;
  groups: SyscallGroups | undefined;
}

let known: Promise<KnownHost> | undefined;

/**
 * What systemd's own programs say of this host, asked once. They take their time: whoever will need it, and has something else to do
 * first, asks at the start.
 */
export function knownHost(): Promise<KnownHost> {
  known ??= ask();
  return known;
}

async function ask(): Promise<KnownHost> {
  const systemd = await hostSystemd();
  return { systemd, groups: systemd === undefined ? undefined : await groupsOfHost(systemd.version) };
}

let units: InstalledUnits | undefined;

/** The units of this host, read once: who starts a program, and who its neighbours are, is asked of all of them. */
export function unitsOfHost(): InstalledUnits {
  units ??= openUnits('/');
  return units;
}
