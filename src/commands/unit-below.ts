import type { Context } from '../directives/context.ts';
import { judge } from '../directives/judge.ts';
import { saidAt } from '../directives/said-at.ts';
import { behaviourText, placeText } from '../emit/behaviour-text.ts';
import { brief } from '../emit/escaping.ts';
import type { Profile } from '../profile/profile.ts';
import { readUnitText, type UnitLine } from '../systemd/unit-text.ts';
import { type UnitSettings, unitSettings } from './unit-settings.ts';
import { type UnitSource, unitSource } from './unit-source.ts';

/** The unit over which a drop-in will stand. */
export interface UnitBelow {
  source: UnitSource;
  settings: UnitSettings;
}

/** Reads what `--unit` names; undefined where it names nothing. Throws a Failure where it can't be read. */
export async function unitBelow(names: readonly string[], context: Context): Promise<UnitBelow | undefined> {
  if (names.length === 0) return undefined;
  const source = await unitSource(names);
  return { source, settings: unitSettings(source, context) };
}

/** Where a unit says something of a directive, `file:line`. */
export function unitSays(unit: UnitBelow | undefined, directive: string): string | undefined {
  const place = unit?.settings.values(directive).at(-1)?.place;
  return place === undefined ? undefined : placeText(place);
}

/**
 * What the unit refuses of what the trace shows, and the drop-in over it doesn't lift, because nobody asked for that: one sentence
 * each, and the lines of the unit that systemd ignores.
 */
export function quarrelsOf(unit: UnitBelow, dropIn: string, profile: Profile, context: Context): string[] {
  const over = readUnitText(Buffer.from(dropIn), 'the drop-in');
  const together = unitSettings(
    { ...unit.source, lines: [...unit.source.lines, ...over.lines], warnings: [] },
    context,
  );
  const refusals = judge(together.values, profile, context).findings.flatMap((finding) => {
    const [first] = finding.denials;
    const place = saidAt(finding, unit.settings.values, context);
    if (first === undefined || place === undefined) return [];
    const line = unit.settings.lineAt(place);
    const said = line === undefined ? `${finding.directive}=` : `${line.key}=${line.text}`;
    const more = finding.denials.length > 1 ? ` and ${finding.denials.length - 1} more` : '';
    return [
      `The unit refuses what the trace shows, and that stays so: ${placeText(place)} (${brief(said)}) answers ${behaviourText(first.behaviour)}${more} with ${finding.errno}.`,
    ];
  });
  return [
    ...refusals,
    ...unit.settings.ignored.map((line) => `The unit has a line that does nothing: ${line}`),
  ];
}

/** The unit as one file that systemd-analyze can score. */
export function textOfUnit(lines: readonly UnitLine[]): string {
  const service = lines.filter(({ section }) => section === 'Service');
  const hasCommand = service.some(({ key, text }) => key === 'ExecStart' && text !== '');
  const basic = lines.filter(({ section, key }) => section === 'Unit' && key === 'DefaultDependencies');
  return [
    '[Unit]',
    ...basic.map(lineOf),
    '[Service]',
    ...(hasCommand ? [] : ['ExecStart=/bin/true']),
    ...service.map(lineOf),
    '',
  ].join('\n');
}

function lineOf({ key, text }: UnitLine): string {
  return `${key}=${text}`;
}
