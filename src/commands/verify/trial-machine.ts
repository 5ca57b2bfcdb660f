import type { Machine } from '../../systemd/machine.ts';
import type { SocketUnit } from '../../systemd/socket-units.ts';
import { Failure } from '../failure.ts';
import { freshMachine, managerIn, plannedHost, shellIn } from '../service/machine-host.ts';
import { placesOf } from '../service/places.ts';
import { mustSystemctl, type UnitHost } from '../service/unit-host.ts';
import type { UnitOwner } from '../service/unit-owner.ts';

/** What all trials of a unit have in common. */
export interface TrialPlan {
  unit: string;
  /** Of whose manager the unit is; undefined for one of the system. */
  owner: UnitOwner | undefined;
  /** Sockets that start it. */
  sockets: readonly SocketUnit[];
  /** Files of the host that do not belong to what is tried: the drop-in itself where it is installed, and those of a trace. */
  without: readonly string[];
  exercise: string;
  prepare: string | undefined;
}

export interface TrialMachine {
  machine: Machine;
  host: UnitHost;
}

/** A sandbox may make a client wait for ever: what takes longer than this has failed. */
const longest = 2 * 60_000;

/**
 * Boots a machine in which the unit stands with one more drop-in, where it will be installed.
 * @param dropIn the text; undefined for the unit without it
 */
export async function trialMachine(plan: TrialPlan, dropIn: string | undefined): Promise<TrialMachine> {
  const machine = await freshMachine();
  try {
    if (plan.without.length > 0) await machine.run(['rm', '-f', '--', ...plan.without]);
    if (plan.prepare !== undefined) await prepare(machine, plan.prepare);
    const host = await managerIn(machine, plan.owner, longest);
    if (dropIn !== undefined)
      await machine.writeFile(placesOf(plannedHost(plan.owner), plan.unit).applied, dropIn);
    await mustSystemctl(host, 'daemon-reload');
    return { machine, host };
  } catch (error) {
    await machine.stop();
    throw error;
  }
}

async function prepare(machine: Machine, command: string): Promise<void> {
  const { exitCode, stderr } = await shellIn((argv) => machine.run(argv, { timeout: longest }), command);
  if (exitCode !== 0)
    throw new Failure(`The preparation failed in the machine (exit status ${exitCode}): ${stderr.trim()}`);
}
