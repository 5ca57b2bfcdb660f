import type { Profile } from '../profile/profile.ts';
import type { Place } from '../trace/event.ts';
import type { Context } from './context.ts';
import type { UnitValues } from './directive.ts';
import { type Finding, findingsOf } from './findings.ts';
import { saidAt } from './said-at.ts';
import { denialsOf, readSettings } from './settings.ts';
import { startBehaviours } from './start-behaviours.ts';
import { type NotJudged, notJudged } from './unmodelled.ts';

export interface Judgement {
  findings: (Finding & { place: Place | undefined })[];
  notJudged: NotJudged[];
}

/** What a unit, whoever wrote it, would refuse of what a profile shows, and which of its settings no model knows. */
export function judge(unit: UnitValues, profile: Profile, context: Context): Judgement {
  const unknown = notJudged(unit, profile);
  const settings = readSettings(unit, context).map(({ setting }) => setting);
  // In another file tree a path is another file.
  const isOtherTree = unknown.some(({ blurs }) => blurs === 'paths');
  const denials = denialsOf(settings, profile, startBehaviours(unit, profile)).filter(
    ({ behaviour }) => !isOtherTree || (behaviour.kind !== 'path' && behaviour.kind !== 'move'),
  );
  return {
    findings: findingsOf(denials).map((finding) => ({ ...finding, place: saidAt(finding, unit, context) })),
    notJudged: unknown,
  };
}
