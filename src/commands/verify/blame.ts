import type { Context } from '../../directives/context.ts';
import { type Judgement, judge } from '../../directives/judge.ts';
import { type Denial, denialsOf, readSettings } from '../../directives/settings.ts';
import { subjectOf } from '../../emit/behaviour-text.ts';
import { withSiblings } from '../../syscall-groups/siblings.ts';
import type { UnitSettings } from '../unit-settings.ts';
import type { Refused, Watched } from './read-watch.ts';

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

/** What a sandbox answers; ENOENT and its kin stand for so much else that they count only where a model says so. */
const ofSandbox: ReadonlySet<string> = new Set([
  'SIGSYS',
  'EROFS',
  'EPERM',
  'EACCES',
  'ENOSYS',
  'EAFNOSUPPORT',
  'EXDEV',
]);
const ofHiding: ReadonlySet<string> = new Set([
  'ENOENT',
  'ENXIO',
  'ENODEV',
  'ENETUNREACH',
  'EINVAL',
  'EBUSY',
]);

/**
 * Holds what failed under the drop-in against what the unit did without it, and asks the models which setting it was.
 * @param without what the unit says alone: what that refuses was refused before
 */
export function blame(
  before: Watched,
  after: Watched,
  unit: UnitSettings,
  without: UnitSettings,
  context: Context,
): Blame {
  const fresh = [...after.failures]
    .filter(([key]) => !before.failures.has(key))
    .map(([, failure]) => failure)
    .filter((failure) => !fellBack(failure, after));
  const earlier = new Set(
    denialsOf(
      readSettings(without.values, context).map(({ setting }) => setting),
      before.profile,
    ).map(keyOf),
  );
  const explained = new Set<Refused>();
  const { findings } = judge(unit.values, before.profile, context);
  const blamed = findings.flatMap((finding): Blamed[] => {
    const denials = finding.denials.filter((denial) => !earlier.has(keyOf(denial)));
    if (denials.length === 0) return [];
    const seen = fresh.filter((failure) => denials.some((denial) => isSame(failure, denial)));
    for (const failure of seen) explained.add(failure);
    return [{ ...finding, seen }];
  });
  return {
    blamed: [
      ...blamed.filter(({ seen }) => seen.length > 0),
      ...blamed.filter(({ seen }) => seen.length === 0),
    ],
    unexplained: fresh.filter((failure) => {
      const key = `${failure.call}\n${failure.subject}`;
      const isStrange = before.successes.has(key) && !after.successes.has(key);
      return ofSandbox.has(failure.errno) && isStrange && !explained.has(failure);
    }),
  };
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

/** Whether a call that failed is what a model says would be refused. */
function isSame({ call, subject, errno }: Refused, { behaviour, errno: expected }: Denial): boolean {
  if (!ofSandbox.has(errno) && !(ofHiding.has(errno) && errno === expected)) return false;
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
