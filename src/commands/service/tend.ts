import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { replaceFile } from '../../emit/replace-file.ts';
import { checkDiskSpace } from '../../trace/live/disk-space.ts';
import { foldRuns } from './fold-runs.ts';
import { withLock } from './lock.ts';
import { type Note, readNote } from './note.ts';
import { type Places, placesOf, serviceName } from './places.ts';
import { runsIn } from './read-runs.ts';
import { sizeBelow } from './trace-size.ts';
import { endTracers } from './tracers.ts';
import { thisHost, type UnitHost } from './unit-host.ts';
import { unitState } from './unit-state.ts';

const lookEvery = 2000;
/** A run that is over is folded soon, not at once: whoever finishes in that moment needs no company. */
const foldEvery = 15;
/** What a full disk costs others is worse than a trace that ends. */
const leastFree = 256 * 2 ** 20;

/** What the companion unit runs: folds runs that are over, and ends the tracing where it grows too large. Ends by a signal. */
export async function tendService(
  { service, user }: { service: string; user: boolean },
  host = thisHost(user),
): Promise<void> {
  const unit = serviceName(service);
  const places = placesOf(host, unit);
  for (let round = 0; ; round++) {
    const note = await readNote(places);
    if (note === undefined) return;
    await closeLogs(places.traces);
    const isFull = (await sizeBelow(places.traces)) > note.maxSize;
    // Before a tracing is ended, what is over makes room.
    if (note.phase === 'watching' && (isFull || round % foldEvery === foldEvery - 1))
      await foldQuietly(host, places, unit);
    await keepSmall(places, note);
    await delay(lookEvery);
  }
}

/** strace makes a log with the mask of the unit; the directory around it lets nobody in, but a copy of it might. */
async function closeLogs(traces: string): Promise<void> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  for (const run of await runsIn(traces)) {
    for (const name of await readdir(join(traces, run)).catch(() => [])) {
      const file = await open(join(traces, run, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(
        () => undefined,
      );
      const found = await file?.stat();
      // With a second name it may be another file altogether.
      if (found?.isFile() === true && found.nlink === 1) await file?.chmod(0o600);
      await file?.close();
    }
  }
}

/** Ends all tracers of a unit where its traces are too large or the disk is nearly full, and notes down why. */
async function keepSmall(places: Places, { maxSize }: Pick<Note, 'maxSize'>): Promise<void> {
  const size = await sizeBelow(places.traces);
  const why = size > maxSize ? `its traces had grown over ${inMiB(maxSize)} MiB` : fullDisk(places.traces);
  if (why === undefined || endTracers(places.traces) === 0) return;
  const content = `${new Date().toISOString()} ${why}\n`;
  await replaceFile({ path: places.ended, mode: 0o600, content });
  process.stderr.write(`The tracing was ended, because ${why}. The daemon goes on.\n`);
}

function fullDisk(directory: string): string | undefined {
  try {
    checkDiskSpace(directory, leastFree);
    return undefined;
  } catch {
    return `the file system of ${directory} is nearly full`;
  }
}

async function foldQuietly(host: UnitHost, places: Places, unit: string): Promise<void> {
  try {
    await withLock(places, async () => foldRuns(host, places, unit, await unitState(host, unit)));
  } catch (error) {
    // Somebody else is at work on the unit, or a log can't be read now: the next round tries again.
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  }
}

export function inMiB(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
