import type { Context } from '../../directives/context.ts';
import { readUnitText, type UnitLine } from '../../systemd/unit-text.ts';
import { type UnitSettings, unitSettings } from '../unit-settings.ts';

/** A unit's own lines, and over them those of a drop-in. */
export function settingsOver(
  unit: string,
  lines: readonly UnitLine[],
  dropIn: string | undefined,
  file: string,
  context: Context,
): UnitSettings {
  const over = dropIn === undefined ? [] : readUnitText(Buffer.from(dropIn), file).lines;
  return unitSettings({ name: unit, lines: [...lines, ...over], warnings: [], includes: [] }, context);
}
