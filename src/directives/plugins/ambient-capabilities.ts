import type { Assigned } from '../directive.ts';
import { type Assignment, directive } from '../directive.ts';
import { startUid } from '../start-uid.ts';
import { unseenStart } from '../whole-trace.ts';

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#AmbientCapabilities=
 *
 * A daemon that starts as another user than root has no capability but those that the unit gives it or its file has, and
 * NoNewPrivileges= takes the latter away. What it was seen to use is given to it. Never reset: the unit may give more, and
 * CapabilityBoundingSet= says what of it counts.
 */
export const ambientCapabilities = directive<string[]>({
  name: 'AmbientCapabilities',
  since: 229,
  about: {
    denies: 'Nothing: it gives capabilities',
    when: 'The daemon starts as another user than root, and used capabilities',
    rules: 'process-directives.md',
  },
  observes: [],
  infer(profile, _context, plans) {
    const unseen = unseenStart(profile);
    if (unseen !== undefined) return unseen;
    if ((startUid(profile) ?? 0) === 0) return 'it starts as root, who has capabilities anyway';
    const grants = plans.capabilities.filter(({ witnesses }) => witnesses.length > 0);
    if (grants.length === 0) return 'it used no capability';
    const value = grants.map((grant) => grant.value);
    return { value, reason: 'It starts as another user than root, and used capabilities.', grants };
  },
  read(unit) {
    const assigned = unit('AmbientCapabilities');
    return assigned.length === 0 ? undefined : merged(assigned);
  },
  // It gives; what is missing is missed by CapabilityBoundingSet= or by the user.
  denies: () => undefined,
  remedy(_value, behaviour) {
    return { how: 'add', assignment: write(behaviour.kind === 'capability' ? [behaviour.name] : []) };
  },
  besides(value, unit) {
    const rest = value.filter((name) => !unit.includes(name));
    return rest.length === 0 ? undefined : rest;
  },
  assignments: (value) => [write(value)],
});

function write(words: readonly string[]): Assignment {
  return { key: 'AmbientCapabilities', words: [...words], style: 'plain' };
}

/** The set starts empty; a list adds, one with `~` takes away. */
function merged(assigned: readonly Assigned[]): string[] {
  const set = new Set<string>();
  for (const { words } of assigned) {
    if (words.length === 0) set.clear();
    const takes = words[0]?.startsWith('~') === true;
    for (const word of words) {
      const name = word.replace(/^~/, '').toUpperCase();
      if (takes) set.delete(name);
      else set.add(name);
    }
  }
  return [...set];
}
