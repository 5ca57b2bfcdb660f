import { emptyProfile } from '../profile/empty-profile.ts';
import type { Profile } from '../profile/profile.ts';
import type { Place } from '../trace/event.ts';
import type { Context } from './context.ts';
import type { Setting, UnitValues } from './directive.ts';
import { type Finding, findingsOf } from './findings.ts';
import { saidAt } from './said-at.ts';
import { denialsOf, readSettings } from './settings.ts';
import { startBehaviours } from './start-behaviours.ts';
import { type NotJudged, notJudged } from './unmodelled.ts';
import { unseenCalls } from './watched-calls.ts';

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
    notJudged: [...unknown, ...unwatched(settings, unit, profile, context)],
  };
}

/**
 * Calls that nobody watched because every drop-in of ours lets them through (docs/speed.md). Where another one refuses some of them,
 * nobody knows whether they were made.
 */
function unwatched(
  settings: readonly Setting[],
  unit: UnitValues,
  profile: Profile,
  context: Context,
): NotJudged[] {
  const nowhere = { source: '', line: 0 };
  const asked = Object.fromEntries(unseenCalls(profile).map((name) => [name, { count: 1, first: nowhere }]));
  return findingsOf(denialsOf(settings, { ...emptyProfile(), syscalls: asked })).flatMap((finding) => {
    const place = saidAt(finding, unit, context);
    if (place === undefined) return [];
    const names = finding.denials.map(({ behaviour }) => behaviour.evidence.call);
    const more = names.length > 4 ? ` and ${names.length - 4} more` : '';
    const why = `it refuses calls of which nobody watched whether they are made: ${names.slice(0, 4).join(', ')}${more} (--exact watches all)`;
    return [{ key: finding.directive, place, why, blurs: undefined }];
  });
}
