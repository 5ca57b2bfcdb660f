import type { Behaviour } from '../behaviour.ts';
import type { Context } from '../context.ts';
import { type Assigned, directive, type UnitValues } from '../directive.ts';
import { firstRefused } from '../first-refused.ts';
import type { Grant } from '../grant.ts';
import { witness } from '../path-needs.ts';
import { booleanOf } from '../unit-values.ts';

/** Types of namespaces that may be begun or entered; none at all is what `yes` means. */
type AllowedTypes = string[];

/** https://man7.org/linux/man-pages/man7/namespaces.7.html, in systemd's words. */
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
 * `time` came with systemd 252, and until 257 a list of all the others is no list: nothing is refused then, not even that one.
 * https://github.com/systemd/systemd/pull/35449
 */
const sinceTime = 252;
const sinceTimeCounts = 258;

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#RestrictNamespaces= */
export const restrictNamespaces = directive<AllowedTypes>({
  name: 'RestrictNamespaces',
  since: 233,
  about: {
    denies: 'Beginning and entering namespaces',
    when: 'Always, but for the types that were begun or entered; relaxed: only where none was',
    rules: 'process-directives.md#memorydenywriteexecute-restrictrealtime-and-restrictnamespaces',
  },
  observes: ['clone', 'clone3', 'unshare', 'setns'],
  infer(_profile, context, plans) {
    const grants: Grant[] = [];
    // A call that names no type is refused as soon as any type is.
    const hidden = firstRefused(plans.behaviours, hiddenErrno);
    if (hidden !== undefined) return hidden;
    const known = knownTypes(context);
    for (const behaviour of plans.behaviours) {
      const type = typeOf(behaviour);
      if (type === undefined || !known.includes(type) || behaviour.kind !== 'privileged') continue;
      const seen = witness(behaviour.what, behaviour.evidence);
      const same = grants.find((grant) => grant.value === type);
      if (same !== undefined) same.witnesses.push(seen);
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
        value: [...Object.values(types)],
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
  read(unit, context) {
    const assigned = unit('RestrictNamespaces');
    return assigned.length === 0 ? undefined : allowedBy(assigned, knownTypes(context));
  },
  denies(value, behaviour, _view, context) {
    if (isFree(value, context)) return undefined;
    const hidden = hiddenErrno(behaviour);
    if (hidden !== undefined) return hidden;
    const type = typeOf(behaviour);
    if (type === undefined || value.includes(type)) return undefined;
    // Where none may be entered setns is refused as a whole.
    const isSetns = behaviour.kind === 'privileged' && behaviour.call === 'setns' && value.length === 0;
    return isSetns || knownTypes(context).includes(type) ? 'EPERM' : undefined;
  },
  remedy(value, behaviour) {
    const type = typeOf(behaviour);
    const isHidden = hiddenErrno(behaviour) !== undefined;
    const words = isHidden ? ['no'] : [...value, ...(type === undefined ? [] : [type])];
    return { how: 'add', assignment: { key: 'RestrictNamespaces', words, style: 'plain' } };
  },
  besides: (value, unit) =>
    unit.every((type) => value.includes(type)) ? undefined : value.filter((type) => unit.includes(type)),
  ignores: (words, context) => (isUnderstood(words, knownTypes(context)) ? [] : words),
  assignments(value, context) {
    if (isFree(value, context)) return [];
    return [
      { key: 'RestrictNamespaces', words: [], style: 'plain' },
      { key: 'RestrictNamespaces', words: value.length === 0 ? ['yes'] : value, style: 'plain' },
    ];
  },
});

function knownTypes({ systemd }: Context): readonly string[] {
  return Object.values(types).filter((type) => type !== 'time' || systemd >= sinceTime);
}

/** Whether nothing is refused, because all that counts is allowed. */
function isFree(value: AllowedTypes, context: Context): boolean {
  const counting = knownTypes(context).filter(
    (type) => type !== 'time' || context.systemd >= sinceTimeCounts,
  );
  return counting.every((type) => value.includes(type));
}

/** One word that systemd does not know, and the whole assignment is passed over. */
function isUnderstood(words: readonly string[], known: readonly string[]): boolean {
  const [first = ''] = words;
  if (words.length <= 1 && (first === '' || first === '~' || booleanOf(first) !== undefined)) return true;
  return named(words).every((word) => known.includes(word));
}

function named(words: readonly string[]): string[] {
  return words.map((word, at) => (at === 0 ? word.replace(/^~/, '') : word)).filter((word) => word !== '');
}

/**
 * Starts with everything; `yes` leaves nothing, `no` and the empty assignment everything. The first list says what stays, later
 * ones add to it. https://github.com/systemd/systemd/blob/v252/src/core/load-fragment.c (config_parse_restrict_namespaces)
 */
function allowedBy(assigned: readonly Assigned[], known: readonly string[]): AllowedTypes {
  let allowed: Set<string> | undefined;
  for (const { words } of assigned) {
    const [first = ''] = words;
    const all = words.length === 1 ? booleanOf(first) : undefined;
    if (words.length === 0) allowed = undefined;
    else if (all !== undefined) allowed = new Set(all ? [] : known);
    else if (isUnderstood(words, known)) {
      const listed = named(words);
      if (first.startsWith('~'))
        allowed = new Set([...(allowed ?? known)].filter((type) => !listed.includes(type)));
      else allowed = new Set([...(allowed ?? []), ...listed]);
    }
  }
  return [...(allowed ?? known)].sort();
}

/** Whether a unit refuses any type. */
export function restrictsNamespaces(unit: UnitValues, context: Context): boolean {
  return !isFree(allowedBy(unit('RestrictNamespaces'), knownTypes(context)), context);
}

/** Why a type is dangerous to allow; undefined where it is not known to be. */
export function reviewOfNamespace(type: string): string | undefined {
  if (type === 'user')
    return 'who begins a user namespace has every capability in it, and with these much of the kernel to attack';
  return type === 'mnt' ? 'in a mount namespace of its own it can undo what hides files from it' : undefined;
}

/**
 * setns(fd, 0): the descriptor alone tells which namespace is entered. clone3 has its flags in memory: libc takes clone where the answer
 * is ENOSYS, but who asks for namespaces by it calls it himself.
 */
function hiddenErrno(behaviour: Behaviour): string | undefined {
  if (behaviour.kind !== 'privileged') return undefined;
  if (behaviour.call === 'setns' && behaviour.what === 'any type') return 'EPERM';
  return behaviour.call === 'clone3' && typeOf(behaviour) !== undefined ? 'ENOSYS' : undefined;
}

function typeOf(behaviour: Behaviour): string | undefined {
  return behaviour.kind === 'privileged' && Object.hasOwn(types, behaviour.what)
    ? types[behaviour.what]
    : undefined;
}
