import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { placesToLookAt } from '../../directives/known-places.ts';
import { openRoot } from '../../paths/root.ts';
import { describeFiles, withEarlierFacts } from '../../profile/describe-files.ts';
import type { Machine } from '../../systemd/machine.ts';
import type { SocketUnit } from '../../systemd/socket-units.ts';
import { conclude, type Observed } from '../conclude.ts';
import { checkExplain } from '../explain-setting.ts';
import { Failure } from '../failure.ts';
import type { OutputOptions } from '../options.ts';
import { checkOutput } from '../output-file.ts';
import { checkProfile } from '../profile-file.ts';
import { baseOf } from './base.ts';
import { freshMachine, managerIn, plannedHost, shellIn } from './machine-host.ts';
import { type Places, placesOf, serviceName, serviceText } from './places.ts';
import { readRuns, runsIn } from './read-runs.ts';
import { startsWell } from './settled.ts';
import { startWithSockets } from './start-with-sockets.ts';
import { traceDropIn } from './trace-drop-in.ts';
import { sizeBelow } from './trace-size.ts';
import { tracerFor } from './tracer.ts';
import { mustSystemctl, type Run, systemctl, type UnitHost } from './unit-host.ts';
import { type UnitOwner, unitOwner } from './unit-owner.ts';
import { allInstancesOf, unitState } from './unit-state.ts';

export interface ProfileOptions extends OutputOptions {
  service: string;
  /** A unit of the manager of the user who called sudo. */
  user: boolean;
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
  const owner = options.user ? await unitOwner() : undefined;
  const here = plannedHost(owner);
  const { name: unit } = await serviceText(here, serviceName(options.service));
  const places = placesOf(here, unit);
  const machine = await freshMachine();
  let observed: Observed;
  try {
    observed = await observe(machine, owner, { unit, places }, options);
  } finally {
    await machine.stop();
  }
  const own = await baseOf(here, unit, places);
  await conclude(observed, { ...options, unit: [...own, ...options.unit] });
}

async function observe(
  machine: Machine,
  owner: UnitOwner | undefined,
  { unit, places }: { unit: string; places: Places },
  options: ProfileOptions,
): Promise<Observed> {
  const asRoot: Run = (argv) => machine.run(argv, { timeout: longest });
  if (options.prepare !== undefined) await shell(asRoot, 'The preparation', options.prepare);
  const host = await managerIn(machine, owner, longest);
  // Ours of the live system are no part of the unit.
  const { lines, sockets } = await serviceText(host, unit, [places.traceDropIn, places.applied]);
  const tracer = await tracerFor(places.traces);
  const state = await unitState(host, unit);
  const plan = { unit, lines, state, tracer, isUser: host.isUser, companion: undefined };
  const made = traceDropIn({ ...plan, keepSandbox: options.keepSandbox });
  await machine.run(['rm', '-rf', '--', places.state, places.applied]);
  const whose = owner === undefined ? [] : ['-o', String(owner.uid)];
  await machine.run(['install', '-d', '-m', '0711', '--', host.state, places.state]);
  await machine.run(['install', '-d', '-m', '0711', ...whose, '--', places.traces]);
  await machine.writeFile(places.traceDropIn, made.text);
  await mustSystemctl(host, 'daemon-reload');
  say(`${unit} is started in a throw-away machine.`);
  const { why } = await startWithSockets(host, sockets, () => startsWell(host, unit, 'start'));
  if (why !== undefined) throw new Failure(`Under strace ${why}.`);
  const traces = join(machine.root, places.traces);
  await untilQuiet(traces);
  const failure = await exercise(host, options.exercise);
  const warnings = [...made.warnings];
  await untilQuiet(traces);
  const isForConnections = sockets.some(({ accepts }) => accepts);
  if (!isForConnections) warnings.push(...(await livedOn(host, unit, failure)));
  const { active, canReload } = await unitState(host, unit);
  if (canReload && active === 'active' && options.reload) {
    const { exitCode } = await systemctl(host, 'reload', '--', unit);
    if (exitCode !== 0) warnings.push('A reload failed under strace, so it is not known what one needs.');
    await untilQuiet(traces);
  }
  const runs = { unit, traces, root: machine.root, directory: state.directory };
  const read = async () => readRuns(runs, await runsIn(traces));
  // While it runs: what it made below /run is gone when it has stopped.
  const running = await read();
  await stop(host, unit, sockets);
  await untilQuiet(traces);
  if (failure !== undefined && !options.acceptFailed)
    throw new Failure(`${failure} No drop-in was written (--accept-failed writes one all the same).`);
  if (failure !== undefined) warnings.unshift(`${failure} This was accepted with --accept-failed.`);
  const { profile, unread } = await read();
  profile.files = withEarlierFacts(
    running.profile.files,
    describeFiles(profile, openRoot(machine.root), placesToLookAt()),
  );
  return { profile, unread, warnings, unit, root: '/', isUser: host.isUser };
}

/** One that ended well, or will be started again after that, does what its unit means. Throws a Failure where it has failed. */
async function livedOn(host: UnitHost, unit: string, failure: string | undefined): Promise<string[]> {
  const { active, result, type } = await unitState(host, unit);
  if (failure !== undefined) return [];
  if (active === 'failed' || result !== 'success')
    throw new Failure(`${unit} did not live on while it was used: it is ${active} (${result}).`);
  if (active !== 'inactive' || type === 'oneshot') return [];
  return [`${unit} had ended by itself, well, when the exercise was over.`];
}

/** With the instances that connections have, and not to be started again by what comes in meanwhile. */
async function stop(host: UnitHost, unit: string, sockets: readonly SocketUnit[]): Promise<void> {
  if (sockets.length > 0) await systemctl(host, 'stop', '--', ...sockets.map(({ name }) => name));
  await systemctl(host, 'stop', '--', allInstancesOf(unit));
}

async function exercise(host: UnitHost, command: string): Promise<string | undefined> {
  try {
    await shell(host.run, 'The exercise', command);
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}

/** A command line of the user's own. */
async function shell(run: Run, what: string, command: string): Promise<void> {
  const { exitCode, stdout, stderr } = await shellIn(run, command);
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
