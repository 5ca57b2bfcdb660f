import { tellingCalls } from '../profile/calls/registry.ts';
import type { Behaviour } from './behaviour.ts';
import type { Context } from './context.ts';
import { type Assignment, type Directive, directive, type Plugin, type Remedy } from './directive.ts';
import { firstRefused } from './first-refused.ts';
import { MountView } from './mount-view.ts';
import { booleanOf, ignoredWords, lastOf } from './unit-values.ts';

type Kept<C> = Pick<
  Plugin<C>,
  'name' | 'since' | 'about' | 'infer' | 'mounts' | 'ownsMounts' | 'denies' | 'keeps' | 'against'
>;

/** A directive with one of a few values. */
export interface Choice<C extends string> extends Kept<C> {
  observes?: readonly string[];
  /** Its values, the loosest first. */
  choices: readonly C[];
  /** A behaviour that a value refuses passes at this one; the loosest where left out. */
  enough?(value: C): C;
  /** What lets a refused behaviour through, where that is more than a looser value. */
  remedy?(behaviour: Behaviour): Remedy;
  /** Values that came later than the directive: the first version that knows them, and what to write for older ones. */
  newer?: Readonly<Partial<Record<C, { since: number; before: C }>>>;
  /** The part of a written word that says the value; the whole where left out. */
  named?(word: string, context: Context): string;
}

/** One of a few values, of which the last valid one counts. */
export function choice<C extends string>(spec: Choice<C>): Directive {
  const { name, since, about, choices, newer, enough } = spec;
  const [loosest] = choices;
  const write = (value: string): Assignment => ({ key: name, words: [value], style: 'plain' });
  const strictness = (value: C) => choices.indexOf(value);
  const strictest = choices.at(-1);
  const written = (value: C, context: Context) => {
    const later = newer?.[value];
    return later === undefined || context.systemd >= later.since ? value : later.before;
  };
  const known = (context: Context) =>
    choices.filter((each) => (newer?.[each]?.since ?? since) <= Math.max(context.systemd, since));
  const understand = (context: Context) => (word: string) =>
    choiceOf(spec.named?.(word, context) ?? word, known(context));
  return directive<C>({
    name,
    since,
    about,
    observes: spec.observes ?? tellingCalls,
    values: choices,
    infer: spec.infer,
    read: (unit, context) => lastOf(unit(name), understand(context)),
    ignores: (words, context) => ignoredWords(words, understand(context)),
    against(profile, context, plans) {
      const said = spec.against?.(profile, context, plans);
      if (said !== undefined || strictest === undefined) return said;
      const view = new MountView(spec.mounts?.(strictest, context) ?? []);
      return firstRefused(plans.behaviours, (behaviour) => spec.denies(strictest, behaviour, view, context));
    },
    ...(spec.mounts === undefined ? {} : { mounts: spec.mounts }),
    ...(spec.ownsMounts === undefined ? {} : { ownsMounts: spec.ownsMounts }),
    denies: spec.denies,
    ...(spec.keeps === undefined ? {} : { keeps: spec.keeps }),
    remedy: (value, behaviour) =>
      spec.remedy?.(behaviour) ?? { how: 'add', assignment: write(enough?.(value) ?? loosest ?? 'no') },
    besides: (value, unit, context) =>
      strictness(unit) >= strictness(written(value, context)) ? undefined : value,
    assignments(value, context) {
      const later = newer?.[value];
      if (later === undefined) return [write(value)];
      // The older spelling first: a systemd that doesn't know the newer one ignores that line and stays with the first.
      return context.systemd >= later.since ? [write(later.before), write(value)] : [write(later.before)];
    },
  });
}

/** A value in systemd's words, where booleans have several spellings. */
function choiceOf<C extends string>(word: string, choices: readonly C[]): C | undefined {
  const known = booleanOf(word);
  const spelled = known === undefined ? word : known ? 'yes' : 'no';
  return choices.find((each) => each === word || each === spelled);
}
