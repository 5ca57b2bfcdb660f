import type { Context } from '../directives/context.ts';
import type { Profile } from '../profile/profile.ts';
import { architectureOf } from '../syscall-groups/architectures.ts';
import { groupsOfVersion, knownVersions } from '../syscall-groups/version-groups.ts';
import { knownHost } from './known-host.ts';

export type Target = Pick<Context, 'level' | 'onDeny' | 'network' | 'confine'> & {
  systemd: number | undefined;
};

/** What the settings are for: the version that was asked for, else the host's, else the newest that is known. */
export async function contextOf(profile: Profile, options: Target): Promise<Context> {
  const { systemd: host, groups } = await knownHost();
  const systemd = options.systemd ?? host?.version ?? Math.max(...knownVersions());
  const architecture = profile.sources.map((source) => source.architecture).find((name) => name !== '');
  return {
    level: options.level,
    systemd,
    // The host's own groups win over the data: its distribution may have added calls.
    groups: (systemd === host?.version ? groups : undefined) ?? groupsOfVersion(systemd),
    architecture: architecture ?? architectureOf(process.arch),
    onDeny: options.onDeny,
    network: options.network,
    confine: options.confine,
    bpf: systemd === host?.version ? host.bpfFramework : undefined,
  };
}
