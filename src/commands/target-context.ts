import type { Context } from '../directives/context.ts';
import type { Profile } from '../profile/profile.ts';
import { architectureOf } from '../syscall-groups/architectures.ts';
import type { SyscallGroups } from '../syscall-groups/groups.ts';
import { groupsOfHost } from '../syscall-groups/host-groups.ts';
import { groupsOfVersion, knownVersions } from '../syscall-groups/version-groups.ts';
import { hostSystemd } from '../systemd/host-version.ts';

export type Target = Pick<Context, 'level' | 'onDeny' | 'network' | 'confine'> & {
  systemd: number | undefined;
};

/** What the settings are for: the version that was asked for, else the host's, else the newest that is known. */
export async function contextOf(profile: Profile, options: Target): Promise<Context> {
  const host = await hostSystemd();
  const systemd = options.systemd ?? host?.version ?? Math.max(...knownVersions());
  const architecture = profile.sources.map((source) => source.architecture).find((name) => name !== '');
  return {
    level: options.level,
    systemd,
    groups: await groupsFor(systemd, host?.version),
    architecture: architecture ?? architectureOf(process.arch),
    onDeny: options.onDeny,
    network: options.network,
    confine: options.confine,
    bpf: systemd === host?.version ? host.bpfFramework : undefined,
  };
}

/** The host's own groups win over the data: its distribution may have added calls. */
async function groupsFor(version: number, hostVersion: number | undefined): Promise<SyscallGroups> {
  const host = version === hostVersion ? await groupsOfHost() : undefined;
  return host ?? groupsOfVersion(version);
}
