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
    directives.flatMap((each) => [each.name, ...each.companions]),
  );
  const hint = near.length === 0 ? 'docs/directives.md lists them all' : `did you mean ${near.join(' or ')}`;
  throw new Failure(`--explain knows no directive ${name}: ${hint}${near.length === 0 ? '.' : '?'}`);
}

/** A directive by its name, or that of a key which comes with it, in any letters, with or without `=`; `key` is the one that was meant. */
function directiveOf(asked: string): { name: string; key: string } | undefined {
  const wanted = asked.replace(/=$/, '').toLowerCase();
  for (const { name, companions } of directives) {
    const key = [name, ...companions].find((each) => each.toLowerCase() === wanted);
    if (key !== undefined) return { name, key };
  }
  return undefined;
}

/** All that is known of one directive, as text. */
export function explainSetting(
  asked: string,
  parts: { settings: readonly Setting[]; profile: Profile; context: Context; unit: UnitBelow | undefined },
): string {
  const { settings, profile, context, unit } = parts;
  const { name, key } = directiveOf(asked) ?? { name: asked, key: asked };
  return explainDirective({
    name,
    asked: key,
    setting: settings.find(({ directive }) => directive === name),
    against: contradictions(name, profile, context, new Plans(profile, context, unit?.settings.values)),
    unitSays: unitSays(unit, name),
  });
}
