import { nameOf } from '../paths/covering-tree.ts';
import type { Profile } from '../profile/profile.ts';

/**
 * What the unit runs beside the daemon, and the traces don't show: its programs may be executed, but what they do is not known. The
 * daemon's own command was traced, whatever the log is called; of others the traces of a service are (`ExecReload-1 of some.service`).
 * @returns one sentence a unit, that of the first few
 */
export function untracedCommands(profile: Profile): string[] {
  const wasTraced = (key: string, unit: string) =>
    key === 'ExecStart=' ||
    profile.sources.some(
      ({ name }) => name.startsWith(`${key.slice(0, -1)}-`) && name.endsWith(` of ${unit}`),
    );
  const programs = new Map<string, Map<string, string[]>>();
  for (const [path, places] of Object.entries(profile.beside)) {
    for (const place of places) {
      const [key = '', unit = ''] = place.split(' of ');
      if (wasTraced(key, unit)) continue;
      const lines = programs.get(unit) ?? new Map<string, string[]>();
      lines.set(key, [...(lines.get(key) ?? []), nameOf(path)]);
      programs.set(unit, lines);
    }
  }
  const units = [...programs].sort(([a], [b]) => (a < b ? -1 : 1));
  const sentences = units.slice(0, most).map(([unit, lines]) => {
    const shown = [...lines]
      .sort()
      .map(([key, names]) => `${key} (${[...new Set(names)].sort().join(', ')})`);
    return `Not traced of ${unit}: ${shown.join(', ')}. What they run may be executed, but what it makes or changes, and what it starts, may be refused: \`sandbox-profile service profile ${unit}\` traces them too.`;
  });
  const rest = units.length - sentences.length;
  return rest > 0
    ? [...sentences, `The same is true of ${rest} more units that start this program.`]
    : sentences;
}

const most = 3;
