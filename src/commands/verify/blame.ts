import type { Context } from '../../directives/context.ts';
import { type Judgement, judge } from '../../directives/judge.ts';
import { type Denial, denialsOf, readSettings } from '../../directives/settings.ts';
import { subjectOf } from '../../emit/behaviour-text.ts';
import type { Profile } from '../../profile/profile.ts';
import { withSiblings } from '../../syscall-groups/siblings.ts';
import type { UnitSettings } from '../unit-settings.ts';
import type { Refused, Watched } from './read-watch.ts';
import { suspect } from './suspect.ts';

type Finding = Judgement['findings'][number];

/** A setting that refuses what the unit did without it. */
export interface Blamed extends Finding {
  /** Calls that really failed so; empty where only the models say it. */
  seen: Refused[];
}

export interface Blame {
  /** Those that were seen first. */
  blamed: Blamed[];
  /** What failed, and no model knows why: calls that worked without the drop-in, with an error that sandboxes give. */
  unexplained: Refused[];
}

/** What hardly anything but a sandbox answers. */
const ofSandbox: ReadonlySet<string> = new Set([
  'SIGSYS',
  'EROFS',
  'EPERM',
  'EACCES',
  'ENOSYS',
  'EAFNOSUPPORT',
  'EXDEV',
]);
/** What it answers where something is hidden, closed or out of reach: it stands for much else, so only what worked before counts. */
const ofHiding: ReadonlySet<string> = new Set([
  'ENOENT',
  'ENOTDIR',
  'ENXIO',
  'ENODEV',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'EADDRNOTAVAIL',
  'ECONNREFUSED',
  'ETIMEDOUT',
  'EINVAL',
  'EBUSY',
]);

export interface Evidence {
  before: Watched;
  after: Watched;
  /** Calls for which the undisturbed life was killed. */
  killed: readonly string[];
  /** With which a process of the undisturbed life ended last. */
  status: string | undefined;
}

/**
 * Holds what failed under the drop-in against what the unit did without it, and asks the models which setting it was.
 * @param without what the unit says alone: what that refuses was refused before
 */
export function blame(
  { before, after, killed, status }: Evidence,
  unit: UnitSettings,
  without: UnitSettings,
  context: Context,
): Blame {
  const fresh = [...freshFailures(before, after), ...killedAlone(after, killed)];
  // What worked with the same words before, and does not now, was stopped by something.
  const isStopped = ({ call, subject }: Refused) => {
    const key = `${call}\n${subject}`;
    return before.successes.has(key) && !after.successes.has(key);
  };
  const counts = (failure: Refused) =>
    failure.errno === 'SIGSYS' ||
    ((ofSandbox.has(failure.errno) || ofHiding.has(failure.errno)) && isStopped(failure));
  const earlier = new Set(
    denialsOf(
      readSettings(without.values, context).map(({ setting }) => setting),
      before.profile,
    ).map(keyOf),
  );
  const explained = new Set<Refused>();
  const { findings, notJudged } = judge(unit.values, withCalls(before.profile, killed), context);
  const blamed = findings.flatMap((finding): Blamed[] => {
    const denials = finding.denials.filter((denial) => !earlier.has(keyOf(denial)));
    if (denials.length === 0) return [];
    const seen = fresh.filter((failure) =>
      denials.some((denial) => isSame(failure, denial, isStopped(failure))),
    );
    for (const failure of seen) explained.add(failure);
    return [{ ...finding, seen }];
  });
  const rest = fresh.filter((failure) => counts(failure) && !explained.has(failure));
  const hasSeen = blamed.some(({ seen }) => seen.length > 0);
  const { suspected, unexplained } = suspect(rest, hasSeen ? undefined : status, notJudged, unit, without);
  return {
    blamed: [
      ...blamed.filter(({ seen }) => seen.length > 0),
      ...suspected,
      ...blamed.filter(({ seen }) => seen.length === 0),
    ],
    unexplained,
  };
}

function freshFailures(before: Watched, after: Watched): Refused[] {
  return [...after.failures]
    .filter(([key]) => !before.failures.has(key))
    .map(([, failure]) => failure)
    .filter((failure) => !fellBack(failure, after));
}

/** What the kernel's log says of a life that nobody watched, and was not met in the one that was. */
function killedAlone({ failures }: Watched, killed: readonly string[]): Refused[] {
  const met = new Set(
    [...failures.values()].filter(({ errno }) => errno === 'SIGSYS').map(({ call }) => call),
  );
  return killed
    .filter((call) => !met.has(call))
    .map((call) => ({ call, subject: '', errno: 'SIGSYS', count: 1 }));
}

/** Each run takes its own way: a call that was killed is a call that is made. */
function withCalls(profile: Profile, calls: readonly string[]): Profile {
  const first = { source: 'a run that was killed', line: 0 };
  const more = calls
    .filter((name) => !Object.hasOwn(profile.syscalls, name))
    .map((name) => [name, { count: 1, first }] as const);
  return more.length === 0
    ? profile
    : { ...profile, syscalls: { ...profile.syscalls, ...Object.fromEntries(more) } };
}

/** Where libc is told that the kernel has no such call, it takes the older one: RestrictNamespaces= counts on that for clone3. */
function fellBack({ call, errno }: Refused, { successes }: Watched): boolean {
  if (errno !== 'ENOSYS') return false;
  const others = withSiblings([call]);
  others.delete(call);
  return [...successes].some((key) => others.has(key.slice(0, key.indexOf('\n'))));
}

function keyOf({ directive, errno, behaviour }: Denial): string {
  return `${directive}\n${errno}\n${behaviour.kind}\n${behaviour.evidence.call}\n${subjectOf(behaviour)}`;
}

/**
 * Whether a call that failed is what a model says would be refused. Of what is hidden a model may expect another error than the
 * kernel gave; where the call worked before, that is the same.
 */
function isSame(
  { call, subject, errno }: Refused,
  { behaviour, errno: expected }: Denial,
  isStopped: boolean,
): boolean {
  if (!ofSandbox.has(errno) && !(ofHiding.has(errno) && (errno === expected || isStopped))) return false;
  if ((errno === 'SIGSYS') !== (expected === 'SIGSYS')) return false;
  switch (behaviour.kind) {
    case 'call':
      return call === behaviour.name;
    case 'family':
      return subject === behaviour.family;
    case 'abi':
      return errno === 'SIGSYS';
    case 'caller':
      return subject === behaviour.path;
    case 'path':
      return subject === behaviour.path || behaviour.facts.real.includes(subject);
    case 'move':
      return subject === behaviour.from || subject === behaviour.to;
    case 'endpoint':
      return (
        call === behaviour.evidence.call && (subject === behaviour.address || subject === behaviour.family)
      );
    case 'privileged':
      return call === behaviour.call;
    case 'capability':
      return call === behaviour.evidence.call;
  }
}
