import type { SyscallGroups } from '../syscall-groups/groups.ts';
import { groupsOfHost } from '../syscall-groups/host-groups.ts';
import { type HostSystemd, hostSystemd } from '../systemd/host-version.ts';

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
