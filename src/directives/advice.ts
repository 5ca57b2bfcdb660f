import type { Profile } from '../profile/profile.ts';
import type { Context } from './context.ts';
import { type About, type Assignment, type Directive, directive, type Inferred } from './directive.ts';
import type { Plans } from './plans.ts';

/** Lines that only a person can put in force, because they change more than the unit. */
export interface Advice {
  /** The key that stands for all of them. */
  name: string;
  since: number;
  about: About;
  companions?: readonly string[];
  /** The lines, or why there are none. */
  advise(profile: Profile, context: Context, plans: Plans): Omit<Inferred<Assignment[]>, 'isAdvice'> | string;
}

/** Advice is given where the unit says nothing of that key, and has no model: what such a line refuses is not judged. */
export function advice({ name, since, about, companions = [], advise }: Advice): Directive {
  return directive<Assignment[]>({
    name,
    since,
    about,
    companions,
    observes: [],
    infer(profile, context, plans) {
      const advised = advise(profile, context, plans);
      return typeof advised === 'string' ? advised : { ...advised, isAdvice: true };
    },
    read: (unit) => (unit(name).length === 0 ? undefined : []),
    denies: () => undefined,
    remedy: () => ({ how: 'add', assignment: { key: name, words: [], style: 'plain' } }),
    besides: () => undefined,
    assignments: (value) => value,
  });
}
