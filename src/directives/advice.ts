import type { Profile } from '../profile/profile.ts';
import type { Context } from './context.ts';
import {
  type About,
  type Assignment,
  type Directive,
  directive,
  type Inferred,
  type Plugin,
} from './directive.ts';
import type { Plans } from './plans.ts';

/** Lines that only a person can put in force, because they change more than the unit. */
export interface Advice {
  /** The key that stands for all of them. */
  name: string;
  since: number;
  about: About;
  advise(
    profile: Profile,
    context: Context,
    plans: Plans,
  ): Omit<Inferred<Assignment[]>, 'isAdvice'> | undefined;
  /** Why there is none. */
  against?: Plugin<Assignment[]>['against'];
}

/** Advice is given where the unit says nothing of that key, and has no model: what such a line refuses is not judged. */
export function advice({ name, since, about, advise, against }: Advice): Directive {
  return directive<Assignment[]>({
    name,
    since,
    about,
    observes: [],
    infer(profile, context, plans) {
      const advised = advise(profile, context, plans);
      return advised === undefined ? undefined : { ...advised, isAdvice: true };
    },
    read: (unit) => (unit(name).length === 0 ? undefined : []),
    denies: () => undefined,
    remedy: () => ({ how: 'add', assignment: { key: name, words: [], style: 'plain' } }),
    besides: () => undefined,
    ...(against === undefined ? {} : { against }),
    assignments: (value) => value,
  });
}
