import { tellingCalls } from '../profile/calls/registry.ts';
import type { Profile } from '../profile/profile.ts';
import type { Behaviour } from './behaviour.ts';
import { type Context, levels as everyLevel, type Level } from './context.ts';
import { type About, type Against, type Directive, directive, type Plugin } from './directive.ts';
import { firstRefused } from './first-refused.ts';
import type { MountView } from './mount-view.ts';
import type { Plans } from './plans.ts';
import { booleanOf, ignoredWords, lastBoolean } from './unit-values.ts';

/** A directive that is on or off: what it refuses is all there is to say, for inferring and for checking alike. */
export interface OnOff {
  name: string;
  since: number;
  about: About;
  /** The calls that `refuses` and `forbids` look at: every call that tells anything, where left out. */
  observes?: readonly string[];
  /** Why it can be on, as the comment in the drop-in says it. */
  reason: string;
  /** The mounts that it makes where it is on. */
  mounts?: Plugin<true>['mounts'];
  /** Whether it gives the unit a mount namespace of its own. */
  ownsMounts?(context: Context): boolean;
  /** What the daemon would see, were the directive on; undefined where it would not notice. */
  refuses(behaviour: Behaviour, context: Context, view?: MountView): string | undefined;
  /** Levels at which it is set; all where left out. */
  levels?: readonly Level[];
  /** Something other than a single behaviour that forbids it. */
  forbids?(profile: Profile, context: Context, plans: Plans): string | undefined;
}

/** All but `relaxed`: what login services, cron and their kin start may use homes, devices, sudo and whatever else there is. */
export const notForOthersPrograms: readonly Level[] = ['minimal', 'balanced'];

/** Why a directive is not set at a level; undefined where it may be. */
export function notAtLevel({ level }: Context, levels = notForOthersPrograms): string | undefined {
  return levels.includes(level) ? undefined : `not at --level ${level}`;
}

/** On where nothing that was seen would have been refused. */
export function onOff(spec: OnOff): Directive {
  const { name, since, about, reason, levels = everyLevel, refuses, mounts } = spec;
  const write = (value: boolean) => ({ key: name, words: [value ? 'yes' : 'no'], style: 'plain' as const });
  const against = (profile: Profile, context: Context, plans: Plans): Against | undefined => {
    const why = notAtLevel(context, levels) ?? spec.forbids?.(profile, context, plans);
    return why ?? firstRefused(plans.behaviours, (behaviour) => refuses(behaviour, context));
  };
  return directive<boolean>({
    name,
    since,
    about,
    observes: spec.observes ?? tellingCalls,
    values: ['no', 'yes'],
    infer: (profile, context, plans) =>
      against(profile, context, plans) ?? { value: true, reason, grants: [] },
    read: (unit) => lastBoolean(unit, name),
    ...(mounts === undefined ? {} : { mounts: (value, context) => (value ? mounts(true, context) : []) }),
    ownsMounts: (value, context) => value && (spec.ownsMounts?.(context) ?? mounts !== undefined),
    denies: (value, behaviour, view, context) => (value ? refuses(behaviour, context, view) : undefined),
    remedy: () => ({ how: 'add', assignment: write(false) }),
    // What a unit has on stays on.
    besides: (value, unit) => (value === unit || unit ? undefined : value),
    ignores: (words) => ignoredWords(words, booleanOf),
    assignments: (value) => [write(value)],
  });
}
