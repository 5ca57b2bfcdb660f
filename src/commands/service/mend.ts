import { readNote } from './note.ts';
import type { Places } from './places.ts';
import { undoAll } from './undo.ts';
import type { UnitHost } from './unit-host.ts';

/**
 * Undoes what a `start` or `reset` that was killed has left half done; the caller holds the lock, so nobody is at work.
 * An interrupted `finish` has traces to lose, so it waits for whoever decides.
 * @returns what was done, a sentence each
 */
export async function mend(host: UnitHost, places: Places): Promise<string[]> {
  const note = await readNote(places);
  if (note?.phase !== 'starting' && note?.phase !== 'resetting') return [];
  const what = note.phase === 'starting' ? 'start' : 'reset';
  const said = await undoAll(host, places, note, true);
  return [`\`service ${what} ${note.unit}\` was interrupted: what it had begun is undone.`, ...said];
}
