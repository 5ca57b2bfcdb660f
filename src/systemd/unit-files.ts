import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The names under which a unit and its drop-in are shown to systemd's own programs. */
export const unitName = 'sandbox-profile.service';
export const dropInName = '50-sandbox-profile.conf';

/**
 * Writes a unit, and its drop-in where there is one, into `directory`.
 * @returns the unit's path.
 */
export async function writeUnitFiles(
  directory: string,
  unitText: string,
  dropIn?: string | Uint8Array,
): Promise<string> {
  const unit = join(directory, unitName);
  await writeFile(unit, unitText, { flag: 'wx' });
  if (dropIn !== undefined) {
    await mkdir(`${unit}.d`);
    await writeFile(join(`${unit}.d`, dropInName), dropIn, { flag: 'wx' });
  }
  return unit;
}

/** An environment that makes systemd's programs read units from `directory` and from nowhere else. */
export function onlyUnitsOf(directory: string): Record<string, string> {
  return { SYSTEMD_UNIT_PATH: directory };
}
