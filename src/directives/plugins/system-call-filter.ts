import { constants } from 'node:os';
import type { Profile } from '../../profile/profile.ts';
import { existsOn } from '../../syscall-groups/architectures.ts';
import { coverCalls, coverDenied } from '../../syscall-groups/cover.ts';
import { dangerous } from '../../syscall-groups/dangerous.ts';
import { evaluateFilter } from '../../syscall-groups/evaluate.ts';
import type { Context } from '../context.ts';
import { type Assigned, type Assignment, directive, type Inferred } from '../directive.ts';
import type { Grant } from '../grant.ts';
import type { Plans } from '../plans.ts';
import { isCallName, refusedCalls } from '../wanted-calls.ts';

/** As systemd holds it, with the two lists that say it. */
export interface FilterValue {
  mode: 'allow' | 'deny';
  /** What the mode is about: calls that pass, or calls that are refused. */
  calls: ReadonlySet<string>;
  allow: string[];
  deny: string[];
  /** Calls that are refused with an errno of their own: ENOSYS, so that libc takes another one instead. */
  own: ReadonlyMap<string, string>;
  /** What a refused call meets: an errno, or SIGSYS. */
  errno: string;
}

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#SystemCallFilter= */
export const systemCallFilter = directive<FilterValue>({
  name: 'SystemCallFilter',
  since: 187,
  about: {
    denies: 'System calls that are not in the list',
    when: 'Always: the calls that were seen, generalised by level; relaxed takes away dangerous ones only',
    rules: 'syscall-groups.md',
  },
  observes: [],
  infer(profile, context, plans) {
    if (context.onDeny === 'log') return 'in a dry run (--on-deny log) no call is refused';
    return context.level === 'relaxed'
      ? denyList(profile, context, plans)
      : allowList(profile, context, plans);
  },
  read(unit, context) {
    const lines = unit('SystemCallFilter').map(({ words }) => words.join(' '));
    const { mode, listed, actions } = evaluateFilter(lines, context.groups);
    if (mode === 'none') return undefined;
    const errno = errnoOf(unit('SystemCallErrorNumber'));
    return {
      mode,
      calls: listed,
      allow: [],
      deny: [],
      own: actions,
      errno,
    };
  },
  denies(value, behaviour) {
    if (behaviour.kind !== 'call' || !isCallName(behaviour.name)) return undefined;
    const own = value.own.get(behaviour.name);
    if (own !== undefined)
      return own === 'kill' ? 'SIGSYS' : /^\d+$/.test(own) ? nameOfErrno(Number(own)) : own;
    return value.calls.has(behaviour.name) === (value.mode === 'allow') ? undefined : value.errno;
  },
  remedy({ mode }, behaviour) {
    const words = behaviour.kind === 'call' ? [behaviour.name] : [];
    // Behind a deny list a list without `~` takes out of it; behind an allow list it adds.
    return { how: mode === 'allow' ? 'add' : 'take out', assignment: line(words) };
  },
  besides: (value, unit, context) => stricterOf(value, unit, context),
  ignores: (words, context) =>
    evaluateFilter([words.join(' ')], context.groups).skipped.map(({ word }) => word),
  assignments({ allow, deny, own }) {
    const inverted = (words: string[]) => words.map((word, at) => (at === 0 ? `~${word}` : word));
    // The first assignment decides between allow and deny list, so what the unit has is taken away before it.
    const lines = [line([])];
    if (allow.length > 0) lines.push(line(allow));
    if (deny.length > 0) lines.push(line(inverted(deny)));
    if (own.size > 0) lines.push(line(inverted([...own].map(([name, errno]) => `${name}:${errno}`))));
    return lines;
  },
});

/** The last value counts; none, and `kill`, mean death. What systemd does not know it passes over. */
function errnoOf(assigned: readonly Assigned[]): string {
  let errno = 'SIGSYS';
  for (const { words } of assigned) {
    const [word = 'kill'] = words;
    if (word === 'kill') errno = 'SIGSYS';
    else if (Object.hasOwn(constants.errno, word)) errno = word;
    else if (/^[1-9]\d{0,3}$/.test(word) && Number(word) <= 4095) errno = nameOfErrno(Number(word));
  }
  return errno;
}

function nameOfErrno(number: number): string {
  return Object.entries(constants.errno).find(([, each]) => each === number)?.[0] ?? String(number);
}

/** What both let through; undefined where the unit's lets nothing through that ours would refuse. */
function stricterOf(value: FilterValue, unit: FilterValue, context: Context): FilterValue | undefined {
  const refuses = (filter: FilterValue, name: string) => filter.calls.has(name) !== (filter.mode === 'allow');
  // Groups hold calls of other machines too, which nobody can make here.
  const isHere = (name: string) => existsOn(context.architecture, name) && context.groups.known(name);
  if (value.mode === 'deny') {
    if ([...value.calls].every((name) => !isHere(name) || refuses(unit, name))) return undefined;
    if (unit.mode === 'allow') {
      const left = new Set([...unit.calls].filter((name) => !refuses(value, name)));
      return allowing(left, { ...value, own: unit.own }, context, [context.architecture]);
    }
    const calls = new Set([...value.calls, ...unit.calls]);
    const deny = coverDenied(calls, context.groups, context.architecture);
    return { ...value, calls, deny, own: unit.own };
  }
  if (unit.mode === 'allow' && [...unit.calls].every((name) => !isHere(name) || !refuses(value, name)))
    return undefined;
  const lost = [...value.calls].filter((name) => refuses(unit, name));
  if (lost.length === 0) return value;
  const left = new Set([...value.calls].filter((name) => !refuses(unit, name)));
  return allowing(left, { ...value, own: new Map([...unit.own, ...value.own]) }, context, [
    context.architecture,
  ]);
}

function allowing(
  calls: ReadonlySet<string>,
  value: FilterValue,
  context: Context,
  architectures: readonly string[],
): FilterValue {
  const never = new Set([...context.groups.members('@default')].filter((name) => !calls.has(name)));
  const { allow, deny } = coverCalls(calls, context.groups, architectures, never);
  return { ...value, mode: 'allow', calls, allow, deny };
}

function line(words: string[]): Assignment {
  return { key: 'SystemCallFilter', words, style: 'plain' };
}

function allowList(profile: Profile, context: Context, plans: Plans): Inferred<FilterValue> {
  const wanted = plans.calls;
  const names = new Set(wanted.keys());
  const architectures = [context.architecture, ...foreignOf(profile, context)];
  const { allow, deny, unknown } = coverCalls(names, context.groups, architectures);
  const calls = new Set([...names, ...context.groups.members('@default')]);
  const unnamed = Object.keys(profile.syscalls).filter((name) => !isCallName(name));
  const skipped = unknown.filter((name) => Object.hasOwn(profile.syscalls, name));
  return {
    value: {
      mode: 'allow',
      calls,
      allow,
      deny,
      own: names.has('clone3') ? new Map() : withoutClone3(context),
      errno: context.onDeny === 'kill' ? 'SIGSYS' : 'EPERM',
    },
    reason:
      context.level === 'minimal'
        ? 'Only calls that were seen, and those that libc may make in their place.'
        : 'Calls that were seen, and harmless ones that another run may need; `~` takes what is dangerous and was not seen out of the groups.',
    grants: grantsOf(profile, context, allow, wanted),
    warnings: [...unnamed.map(unnamedWarning), ...skipped.map((name) => unknownWarning(name, context))],
  };
}

/**
 * Denied with EPERM, clone3 makes pthread_create fail; with ENOSYS glibc takes clone. systemd before 248 knows no errno for a
 * call in an allow list, and one without a child to start never calls it.
 */
function withoutClone3(context: Context): ReadonlyMap<string, string> {
  const isNeeded = context.systemd >= 248 && context.groups.known('clone3');
  return new Map(isNeeded ? [['clone3', 'ENOSYS']] : []);
}

function denyList(profile: Profile, context: Context, plans: Plans): Inferred<FilterValue> {
  const refused = refusedCalls(profile, context, plans);
  return {
    value: {
      mode: 'deny',
      calls: refused,
      allow: [],
      deny: coverDenied(refused, context.groups, context.architecture),
      own: new Map(),
      errno: context.onDeny === 'kill' ? 'SIGSYS' : 'EPERM',
    },
    reason: 'Calls that are dangerous and were not seen; all others pass.',
    grants: [],
    left: dangerousSeen(profile, context),
  };
}

/** Dangerous calls that pass because they were seen. */
function dangerousSeen(profile: Profile, context: Context): Grant[] {
  const reasons = new Map(
    dangerous(context.groups).flatMap(({ calls, because }) => calls.map((name) => [name, because])),
  );
  return Object.entries(profile.syscalls).flatMap(([name, { first, count }]) => {
    const because = reasons.get(name);
    if (because === undefined) return [];
    const witnesses = [{ call: name, subject: '', first, count }];
    return [{ value: name, witnesses, reason: `seen (${because})`, review: reviewOfCall(name) }];
  });
}

/** For each word of the list: the call that asked for it. A group has the first of its members that was seen. */
function grantsOf(
  profile: Profile,
  context: Context,
  allow: readonly string[],
  wanted: ReadonlyMap<string, string>,
): Grant[] {
  return allow.map((word) => {
    const members = word.startsWith('@') ? [...context.groups.members(word)] : [word];
    const witnesses = members.flatMap((name) => {
      const seen = Object.hasOwn(profile.syscalls, name) ? profile.syscalls[name] : undefined;
      return seen === undefined ? [] : [{ call: name, subject: '', first: seen.first, count: seen.count }];
    });
    const stated = members
      .map((name) => wanted.get(name))
      .find((reason) => reason !== undefined && reason !== 'seen');
    return {
      value: word,
      witnesses,
      reason: seenInWords(word, witnesses.length) ?? stated ?? 'part of what every program needs',
      review: reviewOfCall(word),
    };
  });
}

function seenInWords(word: string, calls: number): string | undefined {
  if (calls === 0) return undefined;
  if (!word.startsWith('@')) return 'seen';
  return calls === 1 ? 'one of its calls was seen' : `${calls} of its calls were seen`;
}

/** Calls that give whoever breaks in a way to the kernel or out of the sandbox. */
const dangerousWords: ReadonlySet<string> = new Set([
  'bpf',
  'delete_module',
  'finit_module',
  'init_module',
  'iopl',
  'ioperm',
  'kexec_file_load',
  'kexec_load',
  'mount',
  'move_mount',
  'open_by_handle_at',
  'perf_event_open',
  'pivot_root',
  'process_vm_writev',
  'ptrace',
  'reboot',
  'setns',
  'unshare',
  '@debug',
  '@module',
  '@mount',
  '@raw-io',
  '@reboot',
]);

/** Why a call or a group is dangerous to allow; undefined where it is not known to be. */
export function reviewOfCall(word: string): string | undefined {
  return dangerousWords.has(word) ? 'a call with which a sandbox can be left' : undefined;
}

function foreignOf(profile: Profile, context: Context): string[] {
  const has32 = Object.hasOwn(profile.abis, '32 bit');
  return has32 && context.architecture === 'x86-64' ? ['x86'] : [];
}

function unnamedWarning(name: string): string {
  return `The log has a system call without a name (${name}): a filter can't let it through, so it will be refused.`;
}

function unknownWarning(name: string, context: Context): string {
  return `${context.groups.source} does not know the system call ${name}, which was seen: it will be refused.`;
}
