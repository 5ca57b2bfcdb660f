import { otherService } from '../../src/attacks/decoys.ts';
import type { Level } from '../../src/directives/context.ts';
import { bootMachine, type Machine } from '../../src/systemd/machine.ts';
import { cli } from '../cli/start-cli.ts';
import type { Packaged } from './packaged-daemon.ts';
import { must, preparation, repeated, unitFile } from './prepared.ts';

/** What was concluded from one trace. */
export interface Concluded {
  /** By level. */
  dropIns: Readonly<Record<Level, string>>;
  /** The profile as it was saved, and all that the unit says without a drop-in of ours: what explains the drop-ins. */
  profile: string;
  unitText: string;
}

/**
 * Traces the package's own unit, in its own context, from its start to its first request, and its end, and lets the program
 * conclude. The program runs in a machine itself: it finds the unit there, boots its own machine inside, and leaves nothing here.
 * Another service is beside it, so that there is something to be hidden.
 * @throws when the daemon does not serve under strace, or nothing can be concluded.
 */
export async function dropInsOf(daemon: Packaged): Promise<Concluded> {
  const { unit, unitText, request, prepare } = daemon;
  const machine = await bootMachine();
  try {
    if (unitText !== undefined) await machine.writeFile(unitFile(unit), unitText);
    const saved = '/root/profile.json';
    const balanced = await ours(machine, [
      ...['service', 'profile', unit, '--no-reload', '--profile', saved],
      ...['--prepare', inBash(`${otherService}\n${preparation(prepare)}`)],
      ...['--exercise', inBash(repeated(request))],
    ]);
    const replay = ['replay', saved, '--unit', unit, '--level'];
    const minimal = await ours(machine, [...replay, 'minimal']);
    const relaxed = await ours(machine, [...replay, 'relaxed']);
    return {
      dropIns: { minimal, balanced, relaxed },
      profile: await must(machine, `cat ${saved}`),
      unitText: await must(machine, `systemctl daemon-reload; systemctl cat --no-pager ${unit}`),
    };
  } finally {
    await machine.stop();
  }
}

async function ours(machine: Machine, args: readonly string[]): Promise<string> {
  const argv = [process.execPath, cli, ...args];
  const { exitCode, stdout, stderr } = await machine.run(argv, { timeout: 180_000 });
  if (exitCode !== 0) throw new Error(`${args.slice(0, 3).join(' ')}: ${stderr}`);
  return stdout;
}

function inBash(script: string): string {
  return `exec bash -euc '${script.replaceAll("'", "'\\''")}'`;
}
