import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { Failure } from '../failure.ts';
import { printOutput } from '../output-file.ts';
import { seenSoFar } from './fold-runs.ts';
import { withLock } from './lock.ts';
import { mend } from './mend.ts';
import { type Note, readNote } from './note.ts';
import { ownCommand } from './own-command.ts';
import { placesOf, serviceName, serviceText } from './places.ts';
import { inMiB } from './tend.ts';
import { sizeBelow } from './trace-size.ts';
import { tracersBelow } from './tracers.ts';
import { thisHost, type UnitHost } from './unit-host.ts';
import { unitState } from './unit-state.ts';

export interface StatusOptions {
  service: string | undefined;
  user: boolean;
  format: 'text' | 'json';
}

interface Watched {
  unit: string;
  phase: Note['phase'];
  since: string;
  active: string;
  tracing: boolean;
  ended: string | undefined;
  restarts: number;
  traceBytes: number;
  maxBytes: number;
  lines: number;
  calls: number;
  differentCalls: number;
  paths: number;
  mended: string[];
}

/** `service status [UNIT]`: what is watched, since when, and what was seen so far. Mends what a killed command left. */
export async function serviceStatus(options: StatusOptions, host = thisHost(options.user)): Promise<void> {
  const units =
    options.service === undefined ? await watchedUnits(host) : [await ownName(host, options.service)];
  const found: Watched[] = [];
  for (const unit of units) {
    const watched = await watchedUnit(host, unit);
    if (watched !== undefined) found.push(watched);
    else if (options.service !== undefined)
      throw new Failure(`${unit} is not traced: begin with \`${ownCommand(host, 'start', unit)}\`.`);
  }
  const text =
    found.length === 0
      ? 'No service is traced.\n'
      : `${found.map((watched) => textOf(host, watched)).join('\n\n')}\n`;
  await printOutput(options.format === 'json' ? `${JSON.stringify(found, null, 2)}\n` : text);
}

async function ownName(host: UnitHost, name: string): Promise<string> {
  const asked = serviceName(name);
  return serviceText(host, asked).then(
    ({ name: own }) => own,
    () => asked,
  );
}

async function watchedUnits(host: UnitHost): Promise<string[]> {
  const names = await readdir(host.state).catch(() => []);
  return names.filter((name) => !name.startsWith('.') && name.endsWith('.service')).sort();
}

async function watchedUnit(host: UnitHost, unit: string): Promise<Watched | undefined> {
  const places = placesOf(host, unit);
  if (!existsSync(places.state)) return undefined;
  // Who holds the lock is at work, and nothing is broken.
  const mended = await withLock(places, () => mend(host, places)).catch((error) => {
    if (error instanceof Failure) return [error.message];
    throw error;
  });
  const note = await readNote(places);
  if (note === undefined) {
    for (const line of mended) process.stderr.write(`${line}\n`);
    return undefined;
  }
  const state = await unitState(host, unit);
  const { profile } = await seenSoFar(places, unit, state);
  const ended = await readFile(places.ended, 'utf8').catch(() => undefined);
  return {
    unit,
    phase: note.phase,
    since: note.since,
    active: state.active,
    tracing: tracersBelow(places.traces).length > 0,
    ended: ended?.trim(),
    restarts: Math.max(0, state.restarts - note.restarts),
    traceBytes: await sizeBelow(places.state),
    maxBytes: note.maxSize,
    lines: profile.log.lines,
    calls: Object.values(profile.syscalls).reduce((sum, { count }) => sum + count, 0),
    differentCalls: Object.keys(profile.syscalls).length,
    paths: Object.keys(profile.paths).length,
    mended,
  };
}

function textOf(host: UnitHost, watched: Watched): string {
  const { unit, phase } = watched;
  const lines = [...watched.mended];
  if (phase === 'applied') {
    return [
      ...lines,
      `${unit}: runs under a drop-in of \`service finish --apply\`; \`${ownCommand(host, 'reset', unit)}\` takes it away.`,
    ].join('\n');
  }
  if (phase !== 'watching') {
    lines.push(
      `${unit}: \`service finish\` was interrupted; nothing is lost: run it again, or \`${ownCommand(host, 'reset', unit)}\`.`,
    );
  } else {
    const how = watched.tracing ? 'traced' : `${watched.active}, not traced at the moment`;
    lines.push(`${unit}: ${how}, watched since ${watched.since}`);
  }
  const restarts = `${watched.restarts} ${watched.restarts === 1 ? 'restart' : 'restarts'} by itself`;
  lines.push(
    `  ${watched.lines} lines, ${watched.calls} system calls (${watched.differentCalls} different), ${watched.paths} paths; ${restarts}`,
    `  ${inMiB(watched.traceBytes)} MiB of traces, at most ${inMiB(watched.maxBytes)} MiB`,
  );
  if (watched.ended !== undefined)
    lines.push(
      `  The tracing was ended early: ${watched.ended}. It begins again when the unit is restarted.`,
    );
  return lines.join('\n');
}
