import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { placesToLookAt } from '../../directives/known-places.ts';
import { openRoot } from '../../paths/root.ts';
import { describeFiles, withEarlierFacts } from '../../profile/describe-files.ts';
import { bootMachine, type Machine } from '../../systemd/machine.ts';
import { conclude, type Observed } from '../conclude.ts';
import { checkExplain } from '../explain-setting.ts';
import { Failure } from '../failure.ts';
import type { OutputOptions } from '../options.ts';
import { checkOutput } from '../output-file.ts';
import { checkProfile } from '../profile-file.ts';
import { baseOf } from './base.ts';
import { type Places, placesOf, serviceName, serviceText } from './places.ts';
import { readRuns, runsIn } from './read-runs.ts';
import { startsWell } from './settled.ts';
import { traceDropIn } from './trace-drop-in.ts';
import { sizeBelow } from './trace-size.ts';
import { tracerFor } from './tracer.ts';
import { mustSystemctl, systemctl, type UnitHost } from './unit-host.ts';
import { unitState } from './unit-state.ts';

export interface ProfileOptions extends OutputOptions {
  service: string;
  exercise: string;
  /** Run in the machine before the service starts. */
  prepare: string | undefined;
  keepSandbox: boolean;
  /** Whether it is asked to reload once it was used, where its unit can. */
  reload: boolean;
}

const say = (line: string) => process.stderr.write(`${line}\n`);
const longest = 15 * 60_000;

/**
 * `service profile UNIT --exercise CMD`: the unit runs traced in a throw-away machine, with what it needs of other units; the live
 * service is not touched.
 */
export async function profileService(options: ProfileOptions): Promise<void> {
  checkExplain(options.explain);
  await checkOutput(options);
  await checkProfile(options.profile);
  if (process.geteuid?.() !== 0)
    throw new Failure('Only root can start a throw-away machine: run with sudo.');
  const host = { isUser: false, units: '/etc/systemd/system', state: '/var/lib/sandbox-profile' };
  const here: UnitHost = { ...host, run: neverRun };
  const { name: unit } = await serviceText(here, serviceName(options.service));
  const places = placesOf(here, unit);
  const machine = await bootMachine({ timeout: 60_000 }).catch((error: Error) => {
    throw new Failure(error.message);
  });
  let observed: Observed;
  try {
    const run = (argv: readonly string[]) => machine.run(argv, { timeout: longest });
    observed = await observe(machine, { ...host, run }, unit, places, options);
  } finally {
    await machine.stop();
  }
  const own = await baseOf(here, unit, places);
  await conclude(observed, { ...options, unit: [...own, ...options.unit] });
}

const neverRun = async () => {
  throw new Error('nothing is run on this host');
};

async function observe(
  machine: Machine,
  host: UnitHost,
  unit: string,
  places: Places,
  options: ProfileOptions,
): Promise<Observed> {
  if (options.prepare !== undefined) await shell(host, 'The preparation', options.prepare);
  // Ours of the live system are no part of the unit.
  const { lines } = await serviceText(host, unit, [places.traceDropIn, places.applied]);
  const tracer = await tracerFor(places.traces);
  const state = await unitState(host, unit);
  const plan = { unit, lines, state, tracer, isUser: false, companion: undefined };
  const made = traceDropIn({ ...plan, keepSandbox: options.keepSandbox });
  await machine.run(['rm', '-rf', '--', places.state, places.applied]);
  await machine.run(['install', '-d', '-m', '0711', '--', host.state, places.state, places.traces]);
  await machine.writeFile(places.traceDropIn, made.text);
  await mustSystemctl(host, 'daemon-reload');
  say(`${unit} is started in a throw-away machine.`);
  await startWithSockets(host, unit);
  const traces = join(machine.root, places.traces);
  await untilQuiet(traces);
  const failure = await exercise(host, options.exercise);
  const { active, canReload, type } = await unitState(host, unit);
  const warnings = [...made.warnings];
  if (failure === undefined && active !== 'active' && !(type === 'oneshot' && active === 'inactive'))
    throw new Failure(`${unit} did not live on while it was used: it is ${active}.`);
  await untilQuiet(traces);
  if (canReload && options.reload) {
    const { exitCode } = await systemctl(host, 'reload', '--', unit);
    if (exitCode !== 0) warnings.push('A reload failed under strace, so it is not known what one needs.');
    await untilQuiet(traces);
  }
  const runs = { unit, traces, root: machine.root, directory: state.directory };
  const read = async () => readRuns(runs, await runsIn(traces));
  // While it runs: what it made below /run is gone when it has stopped.
  const running = await read();
  await systemctl(host, 'stop', '--', unit);
  await untilQuiet(traces);
  if (failure !== undefined && !options.acceptFailed)
    throw new Failure(`${failure} No drop-in was written (--accept-failed writes one all the same).`);
  if (failure !== undefined) warnings.unshift(`${failure} This was accepted with --accept-failed.`);
  const { profile, unread } = await read();
  profile.files = withEarlierFacts(
    running.profile.files,
    describeFiles(profile, openRoot(machine.root), placesToLookAt()),
  );
  return { profile, unread, warnings, unit, root: '/' };
}

/** A service that is given its sockets doesn't always say so: where it fails alone, those that would start it come first. */
async function startWithSockets(host: UnitHost, unit: string): Promise<void> {
  const { stdout } = await systemctl(host, 'show', '-P', 'TriggeredBy', '--', unit);
  const sockets = stdout.split(/\s+/).filter((name) => name.endsWith('.socket'));
  const enabled: string[] = [];
  for (const socket of sockets) if (await isEnabled(socket)) enabled.push(socket);
  for (const socket of enabled) await systemctl(host, 'start', '--', socket);
  const why = await startsWell(host, unit, 'start');
  if (why === undefined) return;
  const others = sockets.filter((socket) => !enabled.includes(socket));
  for (const socket of others) await systemctl(host, 'start', '--', socket);
  const again = others.length === 0 ? why : await startsWell(host, unit, 'start');
  if (again !== undefined) throw new Failure(`Under strace ${again}.`);
}

/** In a machine nothing is enabled; this is asked of the host's files. */
async function isEnabled(socket: string): Promise<boolean> {
  for (const units of ['/etc/systemd/system', '/usr/lib/systemd/system']) {
    for (const name of await readdir(units).catch(() => [])) {
      if (!/\.(?:wants|requires)$/.test(name)) continue;
      if ((await readdir(join(units, name)).catch((): string[] => [])).includes(socket)) return true;
    }
  }
  return false;
}

async function exercise(host: UnitHost, command: string): Promise<string | undefined> {
  try {
    await shell(host, 'The exercise', command);
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}

/** A command line of the user's own. */
async function shell(host: UnitHost, what: string, command: string): Promise<void> {
  const { exitCode, stdout, stderr } = await host.run(['/bin/sh', '-c', command]);
  for (const text of [stdout, stderr]) if (text !== '') process.stderr.write(`${text}\n`);
  if (exitCode !== 0) throw new Failure(`${what} failed in the machine (exit status ${exitCode}).`);
}

/** Under strace much is still on its way when systemd says "active", and when a request was answered: until no log grows. */
async function untilQuiet(traces: string): Promise<void> {
  let before = -1;
  let still = 0;
  for (let left = 100; left > 0 && still < 3; left--) {
    const size = await sizeBelow(traces);
    still = size === before ? still + 1 : 0;
    before = size;
    await delay(200);
  }
}
