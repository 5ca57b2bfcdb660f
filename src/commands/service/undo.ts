import { mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { replaceFile } from '../../emit/replace-file.ts';
import { type Note, writeNote } from './note.ts';
import type { Places } from './places.ts';
import { endTracers, tracersBelow } from './tracers.ts';
import { mustSystemctl, systemctl, type UnitHost } from './unit-host.ts';
import { isRunning, unitState } from './unit-state.ts';

/** Takes the trace's drop-in and companion away; the service manager knows it when this returns. May be done twice. */
export async function takeTracingAway(host: UnitHost, places: Places, note: Note): Promise<void> {
  await systemctl(host, 'stop', '--', places.companion);
  await rm(places.traceDropIn, { force: true });
  await rm(places.companionFile, { force: true });
  for (const file of [places.traceDropIn, places.companionFile, places.applied]) await sweepParts(file);
  for (const directory of [...note.made].reverse()) await rmdir(directory).catch(() => undefined);
  await mustSystemctl(host, 'daemon-reload');
}

/** Puts back what was there before `--apply`. */
export async function takeAppliedAway(places: Places, note: Note): Promise<void> {
  if (note.earlier === undefined) return;
  if (note.earlier === null) await rm(places.applied, { force: true });
  else {
    await mkdir(places.dropIns, { recursive: true });
    await replaceFile({ path: places.applied, content: note.earlier, mode: 0o644 });
  }
}

/** Everything of ours that belongs to a unit goes, and what runs traced is started anew or let go of. */
export async function undoAll(
  host: UnitHost,
  places: Places,
  note: Note,
  restart: boolean,
): Promise<string[]> {
  const said: string[] = [];
  const before = await unitState(host, note.unit).catch(() => undefined);
  const isUp = before !== undefined && isRunning(before);
  // Whoever was killed between stop and start left it down.
  const mustRun = isUp || (note.wasRunning && !['watching', 'applied'].includes(note.phase));
  const isChanged = note.earlier !== undefined || tracersBelow(places.traces).length > 0;
  await writeNote(places, { ...note, phase: 'resetting', wasRunning: mustRun });
  await takeAppliedAway(places, note);
  await takeTracingAway(host, places, note);
  if (before !== undefined && mustRun && !isUp) {
    await systemctl(host, 'reset-failed', '--', note.unit);
    await mustSystemctl(host, 'start', '--', note.unit);
    said.push(`${note.unit} was started again.`);
  } else if (isUp && isChanged && restart) {
    await mustSystemctl(host, 'restart', '--', note.unit);
    said.push(`${note.unit} was restarted: it runs as its own unit says.`);
  } else if (isUp && isChanged) {
    said.push(`${note.unit} goes on, traced no more; after its next restart it runs as its own unit says.`);
  }
  endTracers(places.traces);
  await removeState(host, places);
  return said;
}

/** The directories of runs belong to the user of the unit: rm(1) follows no link that is put in its way. */
export async function removeState(host: UnitHost, places: Places): Promise<void> {
  await host.run(['rm', '-rf', '--one-file-system', '--', places.traces]);
  // The note goes last: without it nobody would know what the rest is.
  await rm(places.profile, { force: true });
  await rm(places.ended, { force: true });
  await rm(places.state, { recursive: true, force: true });
}

/** What a write that was killed has left beside its file: replace-file.ts puts a dot before the name, and a random part behind it. */
async function sweepParts(file: string): Promise<void> {
  const directory = dirname(file);
  const isPart = (name: string) => name.startsWith(`.${basename(file)}.`);
  for (const name of await readdir(directory).catch(() => []))
    if (isPart(name)) await rm(join(directory, name), { force: true });
}
