import { now } from '../service/settled.ts';
import { startSockets } from '../service/start-with-sockets.ts';
import { journalOf, type UnitHost } from '../service/unit-host.ts';
import { allInstancesOf } from '../service/unit-state.ts';
import { Connections } from './connections.ts';
import { Living } from './living.ts';
import type { Manner, Noticed, Subject } from './manner.ts';

export const stepNames = ['start', 'exercise', 'reload', 'restart', 'exercise again', 'stop'] as const;
export type StepName = (typeof stepNames)[number];

/** One step of a trial: `why` is empty where it went well. */
export interface Step {
  step: StepName;
  why: string;
}

export interface Life {
  steps: Step[];
  /** The unit's journal. */
  journal: string[];
  noticed: Noticed;
}

/**
 * Lets a unit go through what its life will bring: start, use, reload, restart, use, stop. What failed is told, and the rest still
 * tried where that makes sense.
 */
export async function liveThrough(
  host: UnitHost,
  { unit, exercise }: { unit: string; exercise: string },
  manner: Manner,
  beforeStop?: () => Promise<void>,
): Promise<Life> {
  const steps: Step[] = [];
  const began = now();
  const living: Subject = manner.isForConnections
    ? new Connections(host, unit, manner)
    : new Living(host, unit, manner);
  const take = async (step: StepName, act: () => Promise<string>) => {
    living.turns();
    const why = await act();
    steps.push({ step, why });
    return why === '';
  };
  await startSockets(host, manner.sockets);
  if (await take('start', () => living.begins('start'))) {
    await take('exercise', () => living.exercised(exercise));
    if (await living.canReload()) await take('reload', () => living.reloads());
    const isBack = await take('restart', () => living.begins('restart'));
    if (isBack) await take('exercise again', () => living.exercised(exercise));
    await beforeStop?.();
    if (isBack) await take('stop', () => living.stops());
  }
  const journal = await journalOf(host, allInstancesOf(unit), '--since', began, '-n', '60');
  return { steps, journal, noticed: living.noticed };
}
