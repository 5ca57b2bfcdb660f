import { setTimeout as delay } from 'node:timers/promises';
import { withEarlierFacts } from '../../profile/describe-files.ts';
import { Failure } from '../failure.ts';
import { managerPid } from '../service/machine-host.ts';
import { startWithSockets } from '../service/start-with-sockets.ts';
import { systemctl, type UnitHost } from '../service/unit-host.ts';
import { unitState } from '../service/unit-state.ts';
import { type AuditRecord, auditRecords } from './kernel-audit.ts';
import { listeners } from './listeners.ts';
import { type Life, liveThrough } from './live-through.ts';
import type { Manner } from './manner.ts';
import { readWatch, type Watched, type WatchedUnit } from './read-watch.ts';
import { type TrialMachine, type TrialPlan, trialMachine } from './trial-machine.ts';
import { type Watch, watchManager } from './watch-manager.ts';

export interface Baseline {
  manner: Manner;
  watched: Watched;
}

/** A run without the drop-in, watched. Throws a Failure where that fails already: then nothing can be said about a drop-in. */
export async function baseline(plan: TrialPlan, without: string | undefined): Promise<Baseline> {
  const first = await trialMachine(plan, without);
  let manner: Manner;
  try {
    manner = await mannerOf(first, plan);
  } finally {
    await first.machine.stop();
  }
  const trial = await trialMachine(plan, without);
  try {
    const { watch, known } = await watching(trial, plan);
    let running: Watched | undefined;
    const life = await liveThrough(trial.host, plan, manner, async () => {
      // While it runs: what it made below /run is gone when it has stopped.
      running = await readWatch(known);
    });
    await watch.end();
    const watched = await readWatch(known);
    if (running !== undefined)
      watched.profile.files = withEarlierFacts(running.profile.files, watched.profile.files);
    const failed = life.steps.find(({ why }) => why !== '');
    if (failed !== undefined)
      throw new Failure(
        `Without ${without === undefined ? 'the drop-in' : 'its sandbox'} ${plan.unit} fails as well (${failed.step}: ${failed.why}): nothing can be said about it. Try the exercise by hand; --prepare runs a command before the start.`,
      );
    return { manner: { ...manner, usual: life.noticed }, watched };
  } finally {
    await trial.machine.stop();
  }
}

/** What a drop-in did to the unit. */
export interface Tried {
  /** Nobody watched. */
  life: Life;
  watched: Watched;
  /** What the kernel's log says, where it may be read. */
  killed: AuditRecord[];
}

/**
 * Two lives with the drop-in, each in its own machine and as after a boot: one undisturbed, which tells whether it works, and one
 * watched, which tells why not.
 * @param kills whether the unit's filter kills for a call
 */
export async function tryOut(
  plan: TrialPlan,
  dropIn: string | undefined,
  manner: Manner,
  kills: (call: string) => boolean,
): Promise<Tried> {
  const before = (await auditRecords()).at(-1)?.serial ?? 0;
  const [life, watched] = await Promise.all([
    plainLife(plan, dropIn, manner),
    watchedLife(plan, dropIn, manner),
  ]);
  const ran = new Set(Object.entries(watched.profile.files).flatMap(([path, { real }]) => [path, ...real]));
  const records = (await auditRecords()).filter(({ serial }) => serial > before);
  // Others of this host have their records there, too.
  const own = records.filter(
    ({ program, syscall, call }) =>
      ran.has(program) && (watched.killedBy.has(syscall) || (call !== undefined && kills(call))),
  );
  // Both lives are killed for the same.
  const killed = [...new Map(own.map((each) => [`${each.program} ${each.syscall}`, each])).values()];
  return { life, watched, killed };
}

async function plainLife(plan: TrialPlan, dropIn: string | undefined, manner: Manner): Promise<Life> {
  const { machine, host } = await trialMachine(plan, dropIn);
  try {
    return await liveThrough(host, plan, manner);
  } finally {
    await machine.stop();
  }
}

async function watchedLife(plan: TrialPlan, dropIn: string | undefined, manner: Manner): Promise<Watched> {
  const trial = await trialMachine(plan, dropIn);
  try {
    const { watch, known } = await watching(trial, plan);
    await liveThrough(trial.host, plan, manner);
    await watch.end();
    return await readWatch(known);
  } finally {
    await trial.machine.stop();
  }
}

async function watching(
  { machine, host }: TrialMachine,
  { unit, owner }: TrialPlan,
): Promise<{ watch: Watch; known: WatchedUnit }> {
  const manager = await managerPid(host, owner);
  const watch = await watchManager(machine, manager);
  const { directory } = await unitState(host, unit);
  const current = directory.startsWith('/') ? directory : '/';
  return { watch, known: { unit, manager, log: watch.log, root: machine.root, directory: current } };
}

/** Starts it once, to see where it listens, and whether it needs its sockets first. */
async function mannerOf({ host }: TrialMachine, { unit, sockets }: TrialPlan): Promise<Manner> {
  const before = await listeners(host.run);
  const start = async () => {
    await systemctl(host, 'reset-failed', '--', unit);
    const { exitCode, stderr } = await systemctl(host, 'start', '--', unit);
    return exitCode === 0 ? undefined : stderr;
  };
  const { sockets: started } = await startWithSockets(host, sockets, start);
  const listening = await settledListeners(host, before);
  const isForConnections = sockets.some(({ accepts }) => accepts);
  return { listening, sockets: started, isForConnections, usual: undefined };
}

/** Until nothing new listens for a while. */
async function settledListeners(host: UnitHost, before: ReadonlySet<string>): Promise<Set<string>> {
  let last = '';
  let still = 0;
  let found = new Set<string>();
  for (let left = 50; left > 0 && still < 6; left--) {
    found = new Set([...(await listeners(host.run))].filter((each) => !before.has(each)));
    const now = [...found].sort().join('\n');
    still = now === last ? still + 1 : 0;
    last = now;
    await delay(100);
  }
  return found;
}
