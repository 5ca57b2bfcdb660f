import { existsSync } from 'node:fs';
import { chmod, mkdir, rmdir } from 'node:fs/promises';
import { replaceFile } from '../../emit/replace-file.ts';
import { holdInterrupts } from '../../lifetime/interrupt.ts';
import { Failure } from '../failure.ts';
import { userIds } from '../user-ids.ts';
import { companionText } from './companion.ts';
import { interruptible } from './interruptible.ts';
import { withLock } from './lock.ts';
import { mend } from './mend.ts';
import { type Note, readNote, writeNote } from './note.ts';
import { ownCommand } from './own-command.ts';
import { type Places, placesOf, serviceName, serviceText } from './places.ts';
import { startsWell } from './settled.ts';
import { type TraceDropIn, traceDropIn } from './trace-drop-in.ts';
import { tracerFor } from './tracer.ts';
import { undoAll } from './undo.ts';
import { mustSystemctl, thisHost, type UnitHost } from './unit-host.ts';
import { isRunning, type UnitState, unitState } from './unit-state.ts';

export interface StartOptions {
  service: string;
  /** A unit of the user's own manager. */
  user: boolean;
  restart: boolean;
  keepSandbox: boolean;
  /** Bytes. */
  maxSize: number;
}

const say = (line: string) => process.stderr.write(`${line}\n`);

/** `service start UNIT`: from now on the unit runs traced, over restarts and reboots. A failure, or Ctrl-C, leaves it as it was. */
export async function startService(options: StartOptions, host = thisHost(options.user)): Promise<void> {
  const asked = serviceName(options.service);
  const { name: unit } = await serviceText(host, asked);
  const places = placesOf(host, unit);
  // Passed through by the users of units on the way to their own traces, and never listed.
  await mkdir(host.state, { recursive: true, mode: 0o711 });
  const interrupts = holdInterrupts();
  try {
    const careful = { host: interruptible(host, interrupts), undoing: host };
    await withLock(places, () => startLocked(careful, unit, places, options));
  } finally {
    interrupts.release();
    // Where nothing is traced it is empty.
    await rmdir(host.state).catch(() => undefined);
  }
}

async function startLocked(
  { host, undoing }: { host: UnitHost; undoing: UnitHost },
  unit: string,
  places: Places,
  { restart, keepSandbox, maxSize }: StartOptions,
): Promise<void> {
  for (const line of await mend(undoing, places)) say(line);
  const earlier = await readNote(places);
  if (earlier?.phase === 'watching')
    throw new Failure(
      `${unit} is traced already since ${earlier.since}: \`${ownCommand(host, 'finish', unit)}\` ends that.`,
    );
  if (earlier?.phase === 'finishing' || earlier?.phase === 'applying')
    throw new Failure(
      `\`service finish\` for ${unit} was interrupted: run it again, or \`${ownCommand(host, 'reset', unit)}\`.`,
    );
  const text = await serviceText(host, unit);
  const state = await unitState(host, unit);
  const tracer = await tracerFor(places.traces);
  const made = traceDropIn({
    unit,
    lines: text.lines,
    state,
    tracer,
    keepSandbox,
    isUser: host.isUser,
    companion: places.companion,
  });
  const note: Note = {
    schema: 1,
    unit,
    phase: 'starting',
    since: new Date().toISOString(),
    wasRunning: isRunning(state),
    keepsSandbox: keepSandbox,
    maxSize,
    restarts: state.restarts,
    // What an earlier `finish --apply` put there can still be taken away after this one.
    ...(earlier?.earlier === undefined ? {} : { earlier: earlier.earlier }),
    made: [...new Set([...(earlier?.made ?? []), ...(existsSync(places.dropIns) ? [] : [places.dropIns])])],
  };
  await makeStateDirectory(places);
  await writeNote(places, note);
  try {
    await install(host, places, note, made);
    if (restart && note.wasRunning) {
      const why = await startsWell(host, unit, 'restart');
      // One that fell over and over before may do so under strace: why it does is what somebody wants to see.
      if (why !== undefined && state.restarts === 0) throw new Failure(`Under strace ${why}`);
    } else if (note.wasRunning) await makeRunDirectory(host, places, state);
    await writeNote(places, { ...note, phase: 'watching' });
  } catch (error) {
    await giveUp(undoing, places, note, error);
  }
  tell(host, note, made, { restart, places });
}

async function makeStateDirectory(places: Places): Promise<void> {
  for (const directory of [places.state, places.traces]) {
    await mkdir(directory, { recursive: true, mode: 0o711 });
    await chmod(directory, 0o711);
  }
}

async function install(host: UnitHost, places: Places, note: Note, { text }: TraceDropIn): Promise<void> {
  await mkdir(places.dropIns, { recursive: true });
  const companion = { path: places.companionFile, mode: 0o644, content: companionText(note.unit, host) };
  await replaceFile(companion);
  await replaceFile({ path: places.traceDropIn, mode: 0o644, content: text });
  await mustSystemctl(host, 'daemon-reload');
  // Says no where systemd can't make sense of it.
  await unitState(host, note.unit);
  await mustSystemctl(host, 'start', '--', places.companion);
}

async function giveUp(host: UnitHost, places: Places, note: Note, error: unknown): Promise<never> {
  const why = error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
  const isFailure = error instanceof Failure;
  try {
    await undoAll(host, places, note, true);
  } catch (second) {
    throw new Failure(
      `${why}; and it could not be undone (${second instanceof Error ? second.message.replace(/\.$/, '') : second}): run \`${ownCommand(host, 'reset', note.unit)}\`.`,
    );
  }
  if (!isFailure) throw error;
  throw new Failure(`${why}. Everything is as it was before.`);
}

/** The run that goes on was not begun under the tracer; its reload and its end will be. */
async function makeRunDirectory(host: UnitHost, places: Places, state: UnitState): Promise<void> {
  const { uid } = state.user === '' ? { uid: 0 } : await userIds(state.user);
  const owner = host.isUser || uid === undefined ? [] : ['-o', String(uid)];
  const directory = `${places.traces}/${state.invocation}`;
  await host.run(['install', '-d', '-m', '0700', ...owner, '--', directory]);
}

function tell(
  host: UnitHost,
  note: Note,
  { warnings, lifted }: TraceDropIn,
  { restart, places }: { restart: boolean; places: Places },
): void {
  const { unit } = note;
  if (!note.wasRunning) say(`${unit} does not run now: it is traced from its next start on.`);
  else if (restart) say(`${unit} was restarted, and is traced from its start on.`);
  else say(`${unit} was not restarted: only its reloads and its end are traced before the next start.`);
  if (lifted.length > 0)
    say(`Its own sandbox is lifted meanwhile: ${lifted.join(', ')} (--keep-sandbox traces inside of it).`);
  if (note.keepsSandbox)
    say(
      'It is traced inside its own sandbox, into which strace was let: what that refuses is not seen as needed.',
    );
  for (const warning of warnings) say(warning);
  say(`The traces lie in ${places.state}, up to ${Math.round(note.maxSize / 2 ** 20)} MiB.`);
  say(`Use it as it is used, for minutes or for days; then: ${ownCommand(host, 'finish', unit)}`);
}
