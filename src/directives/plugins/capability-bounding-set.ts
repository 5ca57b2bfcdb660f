import { capabilityNames } from '../../profile/capabilities.ts';
import { isEnough } from '../capability-use.ts';
import { type Assigned, directive } from '../directive.ts';
import { errnoWithout } from '../errno-without.ts';
import { unseenStart } from '../whole-trace.ts';

export interface CapabilitiesValue {
  mode: 'allow' | 'deny';
  names: string[];
}

/** Capabilities that `relaxed` takes away where they were not used: each can change the kernel, the clock or the network. */
const dangerous = [
  'CAP_AUDIT_READ',
  'CAP_BLOCK_SUSPEND',
  'CAP_BPF',
  'CAP_CHECKPOINT_RESTORE',
  'CAP_LEASE',
  'CAP_LINUX_IMMUTABLE',
  'CAP_MAC_ADMIN',
  'CAP_MAC_OVERRIDE',
  'CAP_MKNOD',
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_PERFMON',
  'CAP_SYS_ADMIN',
  'CAP_SYS_BOOT',
  'CAP_SYS_MODULE',
  'CAP_SYS_PACCT',
  'CAP_SYS_PTRACE',
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
  about: {
    denies: 'Capabilities that are not in the list',
    when: 'The start was traced: what was done, by whom, to whose file; relaxed takes away dangerous ones only',
    rules: 'process-directives.md#capabilityboundingset',
  },
  observes: [],
  infer(profile, context, plans) {
    const unseen = unseenStart(profile);
    if (unseen !== undefined) return `${unseen}, for which capabilities are used that nothing else shows`;
    const grants = [...plans.capabilities];
    if (context.level === 'relaxed') {
      const names = dangerous.filter((name) => !plans.keepsCapability(name));
      return {
        value: { mode: 'deny', names },
        reason: 'These capabilities are dangerous, and were not used; all others stay.',
        grants: [],
        left: grants.filter(({ value }) => dangerous.includes(value)),
      };
    }
    return {
      value: { mode: 'allow', names: grants.map((grant) => grant.value) },
      reason: grants.length === 0 ? 'No capability was used.' : 'Other capabilities were not used.',
      grants,
    };
  },
  read(unit) {
    const assigned = unit('CapabilityBoundingSet');
    return assigned.length === 0 ? undefined : { mode: 'allow', names: [...merged(assigned)].sort() };
  },
  denies({ mode, names }, behaviour) {
    if (behaviour.kind !== 'capability') return undefined;
    const isHeld = isEnough(behaviour, (name) => names.includes(name) === (mode === 'allow'));
    return isHeld ? undefined : errnoWithout(behaviour);
  },
  keeps: ({ mode, names }, capability) => names.includes(capability) === (mode === 'allow'),
  remedy(_value, behaviour) {
    const words = behaviour.kind === 'capability' ? [behaviour.name] : [];
    return { how: 'add', assignment: { key: 'CapabilityBoundingSet', words, style: 'plain' } };
  },
  besides(value, unit) {
    const kept = new Set(namesOf(value));
    const has = namesOf(unit);
    if (has.every((name) => kept.has(name))) return undefined;
    // Not more than the unit has: what it took away stays away.
    return has.length === capabilityNames.length
      ? value
      : { mode: 'allow', names: has.filter((name) => kept.has(name)) };
  },
  ignores: (words) =>
    words.filter((word) => word !== '~' && !capabilityNames.includes(word.replace(/^~/, '').toUpperCase())),
  assignments({ mode, names }) {
    const line = (words: string[]) => ({ key: 'CapabilityBoundingSet', words, style: 'plain' as const });
    if (mode === 'deny') return [line(['~']), line(names.map((name, at) => (at === 0 ? `~${name}` : name)))];
    return names.length === 0 ? [line([])] : [line([]), line(names)];
  },
});

function namesOf({ mode, names }: CapabilitiesValue): string[] {
  return mode === 'allow' ? names : capabilityNames.filter((name) => !names.includes(name));
}

/**
 * The set starts full: the first list that names some takes its place, later ones add, `~` takes away, and the empty assignment
 * leaves nothing. https://github.com/systemd/systemd/blob/v252/src/core/load-fragment.c (config_parse_capability_set)
 */
function merged(assigned: readonly Assigned[]): Set<string> {
  let set: Set<string> | undefined;
  for (const { words } of assigned) {
    const isInverted = words[0]?.startsWith('~') === true;
    const names = words.map((word) => word.replace(/^~/, '').toUpperCase());
    if (words.length === 0) set = new Set();
    else if (isInverted) {
      // A lone `~` takes nothing away from everything.
      if (names.every((name) => name === '')) set = new Set(capabilityNames);
      set = new Set([...(set ?? capabilityNames)].filter((name) => !names.includes(name)));
    } else set = new Set([...(set ?? []), ...names]);
  }
  return set ?? new Set(capabilityNames);
}
