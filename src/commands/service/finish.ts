import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, rmdir } from 'node:fs/promises';
import { placesToLookAt } from '../../directives/known-places.ts';
import { replaceFile } from '../../emit/replace-file.ts';
import { openRoot } from '../../paths/root.ts';
import { describeFiles, withEarlierFacts } from '../../profile/describe-files.ts';
import type { Profile } from '../../profile/profile.ts';
import { conclude } from '../conclude.ts';
import { checkExplain } from '../explain-setting.ts';
import { Failure } from '../failure.ts';
import type { OutputOptions } from '../options.ts';
import { checkOutput } from '../output-file.ts';
import { checkProfile } from '../profile-file.ts';
import { baseOf } from './base.ts';
import { seenSoFar } from './fold-runs.ts';
import { withLock } from './lock.ts';
import { mend } from './mend.ts';
import { type Note, readNote, writeNote } from './note.ts';
import { ownCommand } from './own-command.ts';
import { type Places, placesOf, serviceName, serviceText } from './places.ts';
import type { ReadRuns } from './read-runs.ts';
import { startsWell } from './settled.ts';
import { endTracers } from './tracers.ts';
import { removeState, takeAppliedAway, takeTracingAway } from './undo.ts';
import { mustSystemctl, thisHost, type UnitHost } from './unit-host.ts';
import { isRunning, unitState } from './unit-state.ts';

export interface FinishOptions extends OutputOptions {
  service: string;
  user: boolean;
  restart: boolean;
  apply: boolean;
}

const say = (line: string) => process.stderr.write(`${line}\n`);

/** `service finish UNIT`: ends the tracing, and makes a drop-in of what was seen. */
export async function finishService(options: FinishOptions, host = thisHost(options.user)): Promise<void> {
  checkExplain(options.explain);
  await checkOutput(options);
  await checkProfile(options.profile);
  const { name: unit } = await serviceText(host, serviceName(options.service));
  const places = placesOf(host, unit);
  if (!existsSync(places.note)) throw notTraced(host, unit);
  await withLock(places, () => finishLocked(host, unit, places, options));
}

function notTraced(host: UnitHost, unit: string): Failure {
  return new Failure(`${unit} is not traced: begin with \`${ownCommand(host, 'start', unit)}\`.`);
}

async function finishLocked(
  host: UnitHost,
  unit: string,
  places: Places,
  options: FinishOptions,
): Promise<void> {
  for (const line of await mend(host, places)) say(line);
  const found = await readNote(places);
  if (found === undefined || found.phase === 'applied') throw notTraced(host, unit);
  const note = found.phase === 'applying' ? await unapplied(host, places, found) : found;
  const finishing: Note = { ...note, phase: 'finishing' };
  const { profile, unread } = await endTracing(host, unit, places, finishing, options.restart);
  const ended = await readFile(places.ended, 'utf8').catch(() => '');
  const warnings = [
    ...(ended === ''
      ? []
      : [`The tracing was ended early: ${ended.trim()}. What came after that was not seen.`]),
    ...(note.keepsSandbox
      ? ['It was traced inside its own sandbox: what that refused is not among what it needs.']
      : []),
  ];
  const observed = { profile, unread, warnings, unit, root: '/', isUser: host.isUser };
  const own = await baseOf(host, unit, places);
  const conclusion = { ...options, unit: [...own, ...options.unit] };
  if (options.apply) {
    await apply(host, places, finishing, () =>
      conclude(
        { ...observed, isInstalled: true },
        { ...conclusion, output: places.applied, force: true, format: 'drop-in' },
      ),
    );
    if (options.output !== undefined) await conclude(observed, conclusion);
    const { replaced: _replaced, ...applied } = (await readNote(places)) ?? finishing;
    await writeNote(places, { ...applied, phase: 'applied' });
    await forgetTraces(host, places);
    say(`${unit} runs under ${places.applied}; \`${ownCommand(host, 'reset', unit)}\` takes it away again.`);
    return;
  }
  await conclude(observed, conclusion);
  if (options.explain !== undefined)
    say(`The traces are kept: run \`service finish ${unit}\` again, or reset.`);
  else if (note.earlier === undefined) await removeState(host, places);
  else {
    await writeNote(places, { ...finishing, phase: 'applied' });
    await forgetTraces(host, places);
  }
}

/** After an interrupted `--apply` it is not known whether the unit starts under it: back to what was there. */
async function unapplied(host: UnitHost, places: Places, note: Note): Promise<Note> {
  const { replaced = null, earlier, ...rest } = note;
  await takeAppliedAway(places, { ...note, earlier: replaced });
  await mustSystemctl(host, 'daemon-reload');
  return earlier === undefined || earlier === replaced ? rest : { ...rest, earlier };
}

/** Afterwards nothing is traced any more, the unit runs as its own unit says, and the profile holds what files were then. */
async function endTracing(
  host: UnitHost,
  unit: string,
  places: Places,
  note: Note,
  restart: boolean,
): Promise<ReadRuns> {
  const state = await unitState(host, unit);
  const isUp = isRunning(state);
  // While it runs: what it made below /run is gone when it has stopped.
  const before = await seenSoFar(places, unit, state);
  if (before.profile.sources.length === 0)
    throw new Failure(
      `Nothing was seen of ${unit} yet: start it, use it, and run this again; or give up with \`${ownCommand(host, 'reset', unit)}\`.`,
    );
  await writeNote(places, note);
  await takeTracingAway(host, places, note);
  if (isUp && restart) {
    const why = await startsWell(host, unit, 'restart');
    say(why === undefined ? `${unit} was restarted: it is traced no more.` : `After the trace ${why}.`);
  } else if (isUp) {
    say(`${unit} goes on, traced no more; its own sandbox holds after its next restart.`);
  }
  endTracers(places.traces);
  const after = await seenSoFar(places, unit, state);
  const { profile } = after;
  profile.files = withEarlierFacts(
    before.profile.files,
    describeFiles(profile, openRoot('/'), placesToLookAt()),
  );
  await keepAll(host, places, profile);
  return after;
}

/** One file in the place of all traces. */
async function keepAll(host: UnitHost, places: Places, profile: Profile): Promise<void> {
  if (profile.sources.length === 0) return;
  await replaceFile({ path: places.profile, mode: 0o600, content: `${JSON.stringify(profile)}\n` });
  await host.run(['rm', '-rf', '--one-file-system', '--', places.traces]);
}

/** Installs what `write` writes. Where the unit fails to start under it, all is put back. */
async function apply(host: UnitHost, places: Places, note: Note, write: () => Promise<void>): Promise<void> {
  const { unit } = note;
  const wasRunning = isRunning(await unitState(host, unit));
  const there = await readFile(places.applied, 'utf8').catch(() => null);
  // A second `--apply` replaces what the first one wrote; what was there before both is what a reset brings back.
  const earlier = note.earlier === undefined ? there : note.earlier;
  const isNew = !existsSync(places.dropIns);
  const made = isNew ? [...new Set([...note.made, places.dropIns])] : note.made;
  await writeNote(places, { ...note, phase: 'applying', earlier, replaced: there, made, wasRunning });
  try {
    await mkdir(places.dropIns, { recursive: true });
    await write();
    await mustSystemctl(host, 'daemon-reload');
    if (!wasRunning) return;
    const why = await startsWell(host, unit, 'restart');
    if (why !== undefined) throw new Failure(`Under the new drop-in ${why}.`);
  } catch (error) {
    await takeAppliedAway(places, { ...note, earlier: there });
    if (isNew) await rmdir(places.dropIns).catch(() => undefined);
    await mustSystemctl(host, 'daemon-reload');
    if (wasRunning) await startsWell(host, unit, 'restart');
    await writeNote(places, note);
    const why = error instanceof Failure ? error.message.replace(/\.$/, '') : undefined;
    if (why === undefined) throw error;
    throw new Failure(
      `${why}. The unit runs as before, and what was seen is kept: \`${ownCommand(host, 'finish', unit, '-o', 'FILE')}\` writes the drop-in without installing it.`,
    );
  }
}

async function forgetTraces(host: UnitHost, places: Places): Promise<void> {
  await host.run(['rm', '-rf', '--one-file-system', '--', places.traces]);
  await rm(places.profile, { force: true });
  await rm(places.ended, { force: true });
}
