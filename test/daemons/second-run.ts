import { type Level, levels } from '../../src/directives/context.ts';
import type { Machine } from '../../src/systemd/machine.ts';
import type { Packaged } from './packaged-daemon.ts';
import { must, prepared, shell, unitFile } from './prepared.ts';
import { restScripts, type Script, startScript, tracedScript } from './second-run-scripts.ts';

export interface Outcome {
  /** By the name of the check, why it failed; `''` where it passed. */
  checks: Readonly<Record<string, string>>;
  /** `systemd-analyze security`, without a drop-in (`alone`) and with that of each level. */
  exposure: Readonly<Record<Level | 'alone', string>>;
  /** What the unit logged where something failed. */
  journal: string;
}

/**
 * Runs the package's unit with its drop-in, as after a boot, and asks what the trace did not show. Under the drop-ins of the
 * other levels, in a machine that knows nothing of all this, it must do what was traced.
 */
export async function secondRun(
  daemon: Packaged,
  dropIns: Readonly<Record<Level, string>>,
): Promise<Outcome> {
  const { unit, level = 'balanced' } = daemon;
  const others = levels.filter((each) => each !== level);
  const checks: Record<string, string> = {};
  const exposure = { alone: '', minimal: '', balanced: '', relaxed: '' };
  let logged = '';
  const first = await prepared(daemon);
  try {
    exposure.alone = await exposureOf(first, unit);
    exposure[level] = await install(first, unit, dropIns[level]);
    checks.start = await check(first, unit, startScript(daemon));
    const canReload = (await property(first, unit, 'CanReload')) === 'yes';
    for (const script of restScripts(daemon, canReload))
      checks[script.name] = await check(first, unit, script);
    if (Object.values(checks).some((why) => why !== '')) logged = await journal(first, unit);
  } finally {
    await first.stop();
  }
  const second = await prepared(daemon);
  try {
    for (const each of others) {
      exposure[each] = await install(second, unit, dropIns[each]);
      const script = tracedScript(daemon, each);
      checks[script.name] = await check(second, unit, script);
    }
    return { checks, exposure, journal: logged || (await journal(second, unit)) };
  } finally {
    await second.stop();
  }
}

/** @returns what `systemd-analyze security` says of the unit under the drop-in. */
async function install(machine: Machine, unit: string, dropIn: string): Promise<string> {
  await machine.writeFile(`${unitFile(unit)}.d/50-sandbox-profile.conf`, dropIn);
  await must(machine, 'systemctl daemon-reload');
  return await exposureOf(machine, unit);
}

/** @returns why it failed; `''` where it did not. */
async function check(machine: Machine, unit: string, { script, isLast }: Script): Promise<string> {
  const { exitCode, stdout, stderr } = await shell(machine, script);
  const active = await property(machine, unit, 'ActiveState');
  const words = `${stdout.slice(-300)} ${stderr.slice(-300)}`.trim();
  return exitCode === 0 && (isLast === true || active === 'active') ? '' : `${exitCode} ${active}: ${words}`;
}

async function exposureOf(machine: Machine, unit: string): Promise<string> {
  const { stdout, stderr } = await machine.run(['systemd-analyze', 'security', '--no-pager', unit]);
  const found = /Overall exposure level for .*: (\d+\.\d)/.exec(stdout)?.[1];
  if (found === undefined) throw new Error(`systemd-analyze security ${unit} gives no number: ${stderr}`);
  return found;
}

async function property(machine: Machine, unit: string, name: string): Promise<string> {
  return (await machine.run(['systemctl', 'show', '-P', name, unit])).stdout;
}

async function journal(machine: Machine, unit: string): Promise<string> {
  return (await machine.run(['journalctl', '-u', unit, '-n', '60', '--no-pager', '-o', 'cat'])).stdout;
}
