import type { Profile } from '../profile/profile.ts';
import type { Behaviour } from './behaviour.ts';
import type { Context, Level } from './context.ts';
import { type Directive, directive } from './directive.ts';
import type { Plans } from './plans.ts';
import { lastBoolean } from './unit-values.ts';

/** A directive that is on or off: what it refuses is all there is to say, for inferring and for checking alike. */
export interface OnOff {
  name: string;
  since: number;
  /** The calls whose arguments `refuses` reads. */
  observes?: readonly string[];
  /** Why it can be on, as the comment in the drop-in says it. */
  reason: string;
  /** What the daemon would see, were the directive on; undefined where it would not notice. */
  refuses(behaviour: Behaviour): string | undefined;
  /** Levels at which it is set; all where left out. */
  levels?: readonly Level[];
  /** Something other than a single behaviour that forbids it. */
  forbids?(profile: Profile, context: Context, plans: Plans): boolean;
}

/** All but `relaxed`: what login services, cron and their kin start may use homes, devices, sudo and whatever else there is. */
export const notForOthersPrograms: readonly Level[] = ['minimal', 'balanced'];

/** On where nothing that was seen would have been refused. */
export function onOff(spec: OnOff): Directive {
  const { name, since, reason, levels, refuses, forbids } = spec;
  const write = (value: boolean) => ({ key: name, words: [value ? 'yes' : 'no'], style: 'plain' as const });
  return directive<boolean>({
    name,
    since,
    observes: spec.observes ?? [],
    infer(profile, context, plans) {
      if (levels !== undefined && !levels.includes(context.level)) return undefined;
      if (forbids?.(profile, context, plans) === true) return undefined;
      for (const behaviour of plans.behaviours) if (refuses(behaviour) !== undefined) return undefined;
      return { value: true, reason, grants: [] };
    },
    read: (unit) => lastBoolean(unit, name),
    denies: (value, behaviour) => (value ? refuses(behaviour) : undefined),
    remedy: () => ({ how: 'add', assignment: write(false) }),
    besides: (value, unit) => (value === unit ? undefined : value),
    assignments: (value) => [write(value)],
  });
}
