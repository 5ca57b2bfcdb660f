import { type UnitSettings, unitSettings } from '../../src/commands/unit-settings.ts';
import type { Setting } from '../../src/directives/directive.ts';
import { renderDropIn } from '../../src/emit/drop-in.ts';
import { readUnitText } from '../../src/systemd/unit-text.ts';
import { contextFor } from './sample-logs.ts';

/** The drop-in of some settings, with the date of no day. */
export function textOf(settings: readonly Setting[], systemd: number): string {
  const header = { tool: 'a test', date: new Date(0), systemd, level: 'any', sources: [], warnings: [] };
  return renderDropIn(header, settings);
}

/** What a drop-in says, as `check` reads it. */
export function readBack(text: string, systemd: number): UnitSettings {
  const source = { name: undefined, includes: [], ...readUnitText(Buffer.from(text), 'drop-in.conf') };
  return unitSettings(source, contextFor(systemd));
}
