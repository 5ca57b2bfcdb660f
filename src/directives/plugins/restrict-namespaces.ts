import type { Behaviour } from '../behaviour.ts';
import { type Assigned, directive, type UnitValues } from '../directive.ts';
import type { Grant } from '../grant.ts';
import { witness } from '../path-needs.ts';
import { booleanOf } from '../unit-values.ts';

/** Types of namespaces that may be begun or entered; none at all is what `yes` means. */
type AllowedTypes = string[];

/** https://man7.org/linux/man-pages/man7/namespaces.7.html, in systemd's words; `time` came with systemd 252. */
const types: Readonly<Record<string, string>> = {
  CLONE_NEWCGROUP: 'cgroup',
  CLONE_NEWIPC: 'ipc',
  CLONE_NEWNET: 'net',
  CLONE_NEWNS: 'mnt',
  CLONE_NEWPID: 'pid',
  CLONE_NEWTIME: 'time',
  CLONE_NEWUSER: 'user',
  CLONE_NEWUTS: 'uts',
};

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#RestrictNamespaces=
 *
 * Answers clone3 with ENOSYS as soon as any type is refused, whose flags no filter can see: libc then takes clone.
 */
export const restrictNamespaces = directive<AllowedTypes>({
  name: 'RestrictNamespaces',
  since: 233,
  about: {
    denies: 'Beginning and entering namespaces',
    when: 'Always, but for the types that were begun or entered; relaxed: only where none was',
  },
  observes: ['clone', 'clone3', 'unshare', 'setns'],
  infer(_profile, context, plans) {
    const grants: Grant[] = [];
    // A call that names no type is refused as soon as any type is.
    const unnamed = plans.behaviours.find(namesNoType);
    if (unnamed !== undefined) return { behaviour: unnamed, errno: 'EPERM' };
    for (const behaviour of plans.behaviours) {
      const type = typeOf(behaviour);
      if (type === undefined || behaviour.kind !== 'privileged') continue;
      const seen = witness(behaviour.what, behaviour.evidence);
      const known = grants.find((grant) => grant.value === type);
      if (known !== undefined) known.witnesses.push(seen);
      else
        grants.push({
          value: type,
          witnesses: [seen],
          reason: 'begun or entered',
          review: reviewOfNamespace(type),
        });
    }
    // Who begins some namespaces at a login or a job may begin others at the next.
    if (grants.length > 0 && context.level === 'relaxed')
      return {
        value: allTypes,
        reason: 'Left out: namespaces were begun or entered, and others may be at the next login or job.',
        grants: [],
        left: grants,
        isAdvice: true,
      };
    return {
      value: grants.map((grant) => grant.value).sort(),
      reason:
        grants.length === 0
          ? 'No namespace was begun or entered.'
          : 'Other namespaces were not begun or entered.',
      grants,
    };
  },
  read(unit) {
    const assigned = unit('RestrictNamespaces');
    return assigned.length === 0 ? undefined : allowedBy(assigned);
  },
  denies(value, behaviour) {
    if (namesNoType(behaviour)) return value.length < allTypes.length ? 'EPERM' : undefined;
    const type = typeOf(behaviour);
    return type === undefined || value.includes(type) ? undefined : 'EPERM';
  },
  remedy(value, behaviour) {
    const words = [...value, typeOf(behaviour) ?? ''].filter((word) => word !== '');
    return { how: 'add', assignment: { key: 'RestrictNamespaces', words, style: 'plain' } };
  },
  besides: (value, unit) =>
    unit.every((type) => value.includes(type)) ? undefined : value.filter((type) => unit.includes(type)),
  ignores: (words) =>
    words.filter((word, at) => {
      const isType = allTypes.includes(at === 0 ? word.replace(/^~/, '') : word);
      return !isType && word !== '~' && (words.length > 1 || booleanOf(word) === undefined);
    }),
  assignments(value) {
    if (value.length === allTypes.length) return [];
    return [
      { key: 'RestrictNamespaces', words: [], style: 'plain' },
      { key: 'RestrictNamespaces', words: value.length === 0 ? ['yes'] : value, style: 'plain' },
    ];
  },
});

const allTypes = Object.values(types);

/**
 * Starts with everything; `yes` leaves nothing, `no` and the empty assignment everything. The first list says what stays, later
 * ones add to it. https://github.com/systemd/systemd/blob/v252/src/core/load-fragment.c (config_parse_restrict_namespaces)
 */
function allowedBy(assigned: readonly Assigned[]): AllowedTypes {
  let allowed: Set<string> | undefined;
  for (const { words } of assigned) {
    const [first = ''] = words;
    const known = booleanOf(first);
    if (words.length === 0) allowed = undefined;
    else if (known !== undefined) allowed = new Set(known ? [] : allTypes);
    else {
      const isInverted = first.startsWith('~');
      const named = words.map((word) => word.replace(/^~/, ''));
      if (isInverted) allowed = new Set([...(allowed ?? allTypes)].filter((type) => !named.includes(type)));
      else allowed = new Set([...(allowed ?? []), ...named]);
    }
  }
  return [...(allowed ?? allTypes)].filter((type) => allTypes.includes(type)).sort();
}

/** Whether a unit refuses any type. */
export function restrictsNamespaces(unit: UnitValues): boolean {
  return allowedBy(unit('RestrictNamespaces')).length < allTypes.length;
}

/** Why a type is dangerous to allow; undefined where it is not known to be. */
export function reviewOfNamespace(type: string): string | undefined {
  if (type === 'user')
    return 'who begins a user namespace has every capability in it, and with these much of the kernel to attack';
  return type === 'mnt' ? 'in a mount namespace of its own it can undo what hides files from it' : undefined;
}

/** setns(fd, 0): the descriptor alone tells which namespace is entered. */
function namesNoType(behaviour: Behaviour): boolean {
  return behaviour.kind === 'privileged' && behaviour.call === 'setns' && behaviour.what === 'any type';
}

function typeOf(behaviour: Behaviour): string | undefined {
  return behaviour.kind === 'privileged' && Object.hasOwn(types, behaviour.what)
    ? types[behaviour.what]
    : undefined;
}
