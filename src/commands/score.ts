import type { Context } from '../directives/context.ts';
import { contradictions } from '../directives/contradictions.ts';
import type { Setting } from '../directives/directive.ts';
import { Plans } from '../directives/plans.ts';
import { type Loss, lossesOf } from '../emit/losses.ts';
import type { Profile } from '../profile/profile.ts';
import { minimalUnit } from '../systemd/exec-start.ts';
import { exposure, type Score } from '../systemd/exposure.ts';
import { textOfUnit, type UnitBelow, unitSays } from './unit-below.ts';

/** How exposed a unit is without and with the drop-in, and why it still is. */
export interface Scored {
  before: Score;
  after: Score;
  losses: Loss[];
}

export interface ToScore {
  profile: Profile;
  context: Context;
  settings: readonly Setting[];
  unit: UnitBelow | undefined;
  dropIn: string;
}

/** Which program it starts makes no difference to the score. */
const bareUnit = minimalUnit(['/bin/true']);
let bare: Promise<Score | undefined> | undefined;

/** How exposed a service is that says nothing but what it starts, asked once; undefined where this host can't tell. */
export function bareScore(): Promise<Score | undefined> {
  bare ??= exposure(bareUnit).catch(() => undefined);
  return bare;
}

/** Scores the unit that was named, else one that only starts the program; undefined where this host can't. */
export async function scoreOf(parts: ToScore): Promise<Scored | undefined> {
  const { profile, context, settings, unit, dropIn } = parts;
  const text = unit === undefined ? bareUnit : textOfUnit(unit.source.lines);
  const [before, after] = await Promise.all([
    unit === undefined ? bareScore() : exposure(text).catch(() => undefined),
    exposure(text, dropIn).catch(() => undefined),
  ]);
  if (before === undefined || after === undefined) return undefined;
  const plans = new Plans(profile, context, unit?.settings.values);
  const losses = lossesOf({
    rows: after.losing,
    settings,
    profile,
    context,
    unitSays: (name) => unitSays(unit, name),
    against: (name) => contradictions(name, profile, context, plans),
  });
  return { before, after, losses };
}
