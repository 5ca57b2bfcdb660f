import { contextOf } from '../../src/commands/target-context.ts';
import { readVersion } from '../../src/systemd/host-version.ts';
import { bootMachine, type Machine } from '../../src/systemd/machine.ts';
import { someUser } from './probe.ts';
import { runProbes } from './run-probes.ts';
import type { NumberedProbe } from './table.ts';
import { countsOf, profileOf, type Verdict, verdictOf } from './verdict.ts';

export interface Conformance {
  systemd: number;
  verdicts: Verdict[];
}

/** Tries all probes with the systemd of a file tree, this host's where none is given. */
export async function conform(probes: readonly NumberedProbe[], root?: string): Promise<Conformance> {
  const machine = await bootMachine({ ...(root === undefined ? {} : { root }), timeout: 60_000 });
  try {
    const printed = readVersion((await machine.run(['systemctl', '--version'])).stdout);
    if (printed === undefined) throw new Error('The systemd of the machine does not say its version.');
    const users = [undefined, ...new Set(probes.flatMap(({ user }) => user ?? []))];
    const uids = await uidsIn(machine, [someUser, ...users.flatMap((user) => user ?? [])]);
    const uidOf = (user: string) => uids.get(user) ?? 0;
    const idle = users.map((user, at): NumberedProbe => {
      const nothing = { directive: '', number: probes.length + 1 + at, lines: [], act: 'pass' };
      return user === undefined ? nothing : { ...nothing, user };
    });
    const all = [...probes, ...idle];
    const runs = await runProbes(machine, all);
    const profiles = [];
    for (const [at, probe] of all.entries()) {
      const run = runs[at];
      if (run !== undefined)
        profiles.push({ probe, run, profile: await profileOf(probe, run, machine.root, uidOf) });
    }
    const keys = new Map(
      profiles.slice(probes.length).map(({ probe, profile }) => [probe.user, countsOf(profile)]),
    );
    const verdicts: Verdict[] = [];
    for (const { probe, run, profile } of profiles.slice(0, probes.length)) {
      const context = await contextFor(profile, printed.version);
      const known = { ...context, bpf: printed.bpfFramework };
      const idle = keys.get(probe.user) ?? new Map();
      verdicts.push(verdictOf(probe, run, profile, idle, known, machine.root));
    }
    return { systemd: printed.version, verdicts };
  } finally {
    await machine.stop();
  }
}

let known: { version: number; context: ReturnType<typeof contextOf> } | undefined;

/** It is the same for all profiles of one machine. */
async function contextFor(profile: Parameters<typeof contextOf>[0], version: number) {
  if (known?.version !== version) {
    const options = { level: 'minimal', onDeny: 'errno', network: false, confine: false } as const;
    known = { version, context: contextOf(profile, { ...options, systemd: version }) };
  }
  return await known.context;
}

async function uidsIn(machine: Machine, names: readonly string[]): Promise<Map<string, number>> {
  const uids = new Map<string, number>();
  for (const name of new Set(names)) uids.set(name, Number((await machine.run(['id', '-u', name])).stdout));
  return uids;
}
