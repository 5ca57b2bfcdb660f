import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { mergeProfiles } from '../../profile/merge.ts';
import { loadProfile, saveProfile } from '../profile-file.ts';
import type { Places } from './places.ts';
import { type ReadRuns, readRuns, runsIn } from './read-runs.ts';
import { tracersBelow } from './tracers.ts';
import type { UnitHost } from './unit-host.ts';
import type { UnitState } from './unit-state.ts';

/**
 * Turns the traces of runs that are over into the profile, and removes them: a profile is small however long the run was. Who is
 * killed in between counts a run twice; what it grants stays the same.
 */
export async function foldRuns(
  host: UnitHost,
  places: Places,
  unit: string,
  state: UnitState,
): Promise<void> {
  const running = new Set(tracersBelow(places.traces).map(({ run }) => run));
  if (state.active !== 'inactive' && state.active !== 'failed') running.add(state.invocation);
  for (const run of await runsIn(places.traces)) {
    if (running.has(run)) continue;
    const runs = { unit, traces: places.traces, root: '/', directory: state.directory };
    const { profile } = await readRuns(runs, [run]);
    if (profile.sources.length > 0) await saveProfile(places.profile, profile);
    await host.run(['rm', '-rf', '--one-file-system', '--', join(places.traces, run)]);
  }
}

/** What was seen so far: of runs that are over and of one that goes on. */
export async function seenSoFar(places: Places, unit: string, state: UnitState): Promise<ReadRuns> {
  const runs = { unit, traces: places.traces, root: '/', directory: state.directory };
  const read = await readRuns(runs, await runsIn(places.traces));
  if (!existsSync(places.profile)) return read;
  return { profile: mergeProfiles([await loadProfile(places.profile), read.profile]), unread: read.unread };
}
