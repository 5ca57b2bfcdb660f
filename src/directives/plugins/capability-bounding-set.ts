import type { Profile } from '../../profile/profile.ts';
import { directive } from '../directive.ts';
import { neededCapabilities } from '../needed-capabilities.ts';

export interface CapabilitiesValue {
  mode: 'allow' | 'deny';
  names: string[];
}

/** Capabilities that `relaxed` takes away where they were not used: each can change the kernel, the clock or the network. */
const dangerous = [
  'CAP_BPF',
  'CAP_LINUX_IMMUTABLE',
  'CAP_MAC_ADMIN',
  'CAP_MAC_OVERRIDE',
  'CAP_MKNOD',
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_PERFMON',
  'CAP_SYS_BOOT',
  'CAP_SYS_MODULE',
  'CAP_SYS_PACCT',
  'CAP_SYS_RAWIO',
  'CAP_SYS_TIME',
  'CAP_SYSLOG',
  'CAP_WAKE_ALARM',
];

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#CapabilityBoundingSet=
 *
 * The empty assignment takes every capability away; a list after it gives these back.
 */
export const capabilityBoundingSet = directive<CapabilitiesValue>({
  name: 'CapabilityBoundingSet',
  since: 187,
  observes: [],
  infer(profile, context) {
    if (!isWhole(profile)) return undefined;
    const grants = neededCapabilities(profile, context);
    if (context.level === 'relaxed') {
      const names = dangerous.filter((name) => !grants.some((grant) => grant.value === name));
      return { value: { mode: 'deny', names }, reason: 'These capabilities were not used.', grants: [] };
    }
    return {
      value: { mode: 'allow', names: grants.map((grant) => grant.value) },
      reason: grants.length === 0 ? 'No capability was used.' : 'Other capabilities were not used.',
      grants,
    };
  },
  denies({ mode, names }, behaviour) {
    if (behaviour.kind !== 'capability') return undefined;
    return names.includes(behaviour.name) === (mode === 'allow') ? undefined : 'EPERM';
  },
  assignments({ mode, names }) {
    const line = (words: string[]) => ({ key: 'CapabilityBoundingSet', words, style: 'plain' as const });
    if (mode === 'deny') return [line(['~']), line(names.map((name, at) => (at === 0 ? `~${name}` : name)))];
    return names.length === 0 ? [line([])] : [line([]), line(names)];
  },
});

/** A trace that begins in the middle doesn't show what the start needed: ports, users, files of others. */
function isWhole(profile: Profile): boolean {
  return (
    profile.sources.length > 0 &&
    profile.sources.every(({ how, program }) => how !== 'attached' && program !== '')
  );
}
