import type { Context } from '../directives/context.ts';
import { contradictions } from '../directives/contradictions.ts';
import type { Setting } from '../directives/directive.ts';
import { Plans } from '../directives/plans.ts';
import { directives } from '../directives/registry.ts';
import { explainDirective } from '../emit/explain-directive.ts';
import type { Profile } from '../profile/profile.ts';
import { Failure } from './failure.ts';
import { nearestNames } from './nearest-names.ts';
import { type UnitBelow, unitSays } from './unit-below.ts';

/** Throws a Failure where `--explain` names no directive; to be asked before a long trace. */
export function checkExplain(name: string | undefined): void {
  if (name === undefined || directiveOf(name) !== undefined) return;
  const near = nearestNames(
    name.replace(/=$/, ''),
    directives.map((each) => each.name),
  );
  const hint = near.length === 0 ? 'docs/directives.md lists them all' : `did you mean ${near.join(' or ')}`;
  throw new Failure(`--explain knows no directive ${name}: ${hint}${near.length === 0 ? '.' : '?'}`);
}

/** A directive by its name, in any letters, with or without `=`. */
function directiveOf(name: string): string | undefined {
  const wanted = name.replace(/=$/, '').toLowerCase();
  return directives.find((each) => each.name.toLowerCase() === wanted)?.name;
}

/** All that is known of one directive, as text. */
export function explainSetting(
  asked: string,
  parts: { settings: readonly Setting[]; profile: Profile; context: Context; unit: UnitBelow | undefined },
): string {
  const { settings, profile, context, unit } = parts;
  const name = directiveOf(asked) ?? asked;
  return explainDirective({
    name,
    setting: settings.find(({ directive }) => directive === name),
    against: contradictions(name, profile, context, new Plans(profile, context)),
    unitSays: unitSays(unit, name),
  });
}
