import { changingActs } from '../../profile/acts.ts';
import { type Behaviour, type PathBehaviour, touching } from '../behaviour.ts';
import { actorOf } from '../covered-place.ts';
import { type Assigned, type Assignment, directive } from '../directive.ts';
import { notAtLevel } from '../on-off.ts';
import { witness } from '../path-needs.ts';
import { booleanOf } from '../unit-values.ts';

/** https://github.com/systemd/systemd/blob/v252/src/basic/cgroup-util.c (cgroup_controller_table) */
const controllers: ReadonlySet<string> = new Set([
  'cpu',
  'cpuacct',
  'cpuset',
  'io',
  'blkio',
  'memory',
  'devices',
  'pids',
  'bpf-firewall',
  'bpf-devices',
  'bpf-foreign',
  'bpf-socket-bind',
  'bpf-restrict-network-interfaces',
]);

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.resource-control.html#Delegate=
 *
 * Who is root may make groups below the unit's in any case; without it systemd may put them away again. Anybody else is given the
 * unit's own group by it.
 */
export const delegate = directive<boolean>({
  name: 'Delegate',
  since: 218,
  about: {
    denies: 'Nothing: it leaves the control groups below the unit to it',
    when: 'Advice only: control groups were made or changed',
    rules: 'process-directives.md#advice',
  },
  observes: [],
  infer(_profile, context, plans) {
    const changes = plans.behaviours.flatMap((behaviour) => changeOfGroups(behaviour) ?? []);
    if (changes.length === 0) return 'no control group was made or changed';
    const why = notAtLevel(context);
    if (why !== undefined) return why;
    const witnesses = changes.map(({ path, evidence }) => witness(path, evidence));
    return {
      value: true,
      reason: 'It makes or changes control groups: systemd leaves only those alone that are delegated.',
      grants: [{ value: 'yes', witnesses, reason: 'changed by the daemon', review: undefined }],
      isAdvice: true,
    };
  },
  read: (unit) => delegatedBy(unit('Delegate')),
  denies(value, behaviour) {
    const change = value ? undefined : changeOfGroups(behaviour);
    return change !== undefined && !actorOf(change.evidence.as).overrides ? 'EACCES' : undefined;
  },
  remedy: () => ({ how: 'add', assignment: write(['yes']) }),
  besides: (value, unit) => (unit ? undefined : value),
  ignores: (words) =>
    words.length === 1 && booleanOf(words[0] ?? '') !== undefined
      ? []
      : words.filter((word) => !controllers.has(word)),
  assignments: (value) => [write([value ? 'yes' : 'no'])],
});

function write(words: string[]): Assignment {
  return { key: 'Delegate', words, style: 'plain' };
}

function changeOfGroups(behaviour: Behaviour): PathBehaviour | undefined {
  return touching(behaviour, ['/sys/fs/cgroup'], changingActs);
}

/** Any list turns it on, the empty one too. */
function delegatedBy(assigned: readonly Assigned[]): boolean | undefined {
  const last = assigned.at(-1);
  if (last === undefined) return undefined;
  return last.words.length === 1 ? (booleanOf(last.words[0] ?? '') ?? true) : true;
}
