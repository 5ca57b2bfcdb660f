import { join } from 'node:path';
import { bootMachine, type Machine } from '../../systemd/machine.ts';
import { Failure } from '../failure.ts';
import { placesOf } from '../service/places.ts';
import type { UnitHost } from '../service/unit-host.ts';
import { mustSystemctl } from '../service/unit-host.ts';

/** What all trials of a unit have in common. */
export interface TrialPlan {
  unit: string;
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
export const liveHost = { isUser: false, units: '/etc/systemd/system', state: '/var/lib/sandbox-profile' };

/** After a boot /tmp may be empty, but for what tmpfiles.d makes; a machine shows the host's. */
const emptyPlaces = `
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs /tmp
systemd-tmpfiles --create --boot --exclude-prefix=/dev --exclude-prefix=/sys --exclude-prefix=/proc 2>/dev/null || :
rm -f /run/nologin
`;

/**
 * Boots a machine in which the unit stands with one more drop-in.
 * @param dropIn the text; undefined for the unit without it
 */
export async function trialMachine(plan: TrialPlan, dropIn: string | undefined): Promise<TrialMachine> {
  const machine = await bootMachine({ timeout: 60_000 }).catch((error: Error) => {
    throw new Failure(error.message);
  });
  try {
    const host: UnitHost = { ...liveHost, run: (argv) => machine.run(argv, { timeout: longest }) };
    await machine.run(['sh', '-c', emptyPlaces]);
    if (plan.without.length > 0) await machine.run(['rm', '-f', '--', ...plan.without]);
    if (plan.prepare !== undefined) {
      const { exitCode, stderr } = await host.run(['/bin/sh', '-c', plan.prepare]);
      if (exitCode !== 0)
        throw new Failure(
          `The preparation failed in the machine (exit status ${exitCode}): ${stderr.trim()}`,
        );
    }
    if (dropIn !== undefined) await machine.writeFile(dropInPlace(plan.unit), dropIn);
    await mustSystemctl(host, 'daemon-reload');
    return { machine, host };
  } catch (error) {
    await machine.stop();
    throw error;
  }
}

/** Where a drop-in is tried: where it will be installed. */
export function dropInPlace(unit: string): string {
  return placesOf(liveHost, unit).applied;
}

/** Drop-ins of this program that are installed, or stand there for a trace. */
export function ownDropIns(unit: string): string[] {
  const { traceDropIn, dropIns } = placesOf(liveHost, unit);
  return [traceDropIn, join(dropIns, '50-sandbox-profile.conf')];
}
