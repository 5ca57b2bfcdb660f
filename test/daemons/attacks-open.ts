import { type Comparison, compare } from '../../src/attacks/compare.ts';
import { explainOpen, type OpenAttack } from '../../src/attacks/explain.ts';
import { type OpenThing, openThings } from '../../src/attacks/open-things.ts';
import { runProbe } from '../../src/attacks/run-probe.ts';
import { loadProfile } from '../../src/commands/profile-file.ts';
import { contextOf } from '../../src/commands/target-context.ts';
import { unitBelow } from '../../src/commands/unit-below.ts';
import { targetOf } from '../../src/commands/verify/attack-target.ts';
import { type Level, levels } from '../../src/directives/context.ts';
import { inferSettings } from '../../src/directives/settings.ts';
import type { Machine } from '../../src/systemd/machine.ts';

/** Says of attacks that are open at a level why they are. */
export type Explain = (open: readonly string[]) => OpenAttack[];

/** What an attacker can still do under the drop-in of one level. */
export interface UnderLevel extends Comparison {
  level: Level;
  things: OpenThing[];
  /** Open, and neither by a call that was seen, nor for a stated reason, nor for want of a directive. */
  unexplained: OpenAttack[];
}

/**
 * What explains the attacks at each level: the settings, as they were concluded from the profile that was saved. Asked as long as
 * the unit stands where it stood when it was traced.
 */
export async function explanations(saved: string, unit: string): Promise<Readonly<Record<Level, Explain>>> {
  const profile = await loadProfile(saved);
  const explainAt = async (level: Level): Promise<Explain> => {
    const options = { level, onDeny: 'errno', network: false, confine: false, systemd: undefined } as const;
    const context = await contextOf(profile, options);
    const below = await unitBelow([unit], context);
    const over = inferSettings(profile, context, below?.settings.values).settings;
    // Of what the unit says as strictly itself nothing is said again, but for the same reasons it is not stricter.
    const said = new Set(over.map(({ directive }) => directive));
    const alone = inferSettings(profile, context).settings.filter(({ directive }) => !said.has(directive));
    const settings = [...over, ...alone];
    const target = targetOf(context, profile);
    return (open) => explainOpen(open, settings, target);
  };
  const [minimal, balanced, relaxed] = await Promise.all(levels.map(explainAt));
  if (minimal === undefined || balanced === undefined || relaxed === undefined) throw new Error('no levels');
  return { minimal, balanced, relaxed };
}

/** Tries all attacks without a drop-in and under that of each level, in a machine that is of no other use afterwards. */
export async function attacksUnder(
  machine: Machine,
  unit: string,
  dropIns: Readonly<Record<Level, string>>,
  explain: Readonly<Record<Level, Explain>>,
): Promise<UnderLevel[]> {
  const before = await runProbe(machine, unit);
  const found: UnderLevel[] = [];
  for (const level of levels) {
    const comparison = compare(before, await runProbe(machine, unit, dropIns[level]));
    const { openBefore, openAfter } = comparison;
    const unexplained = explain[level](openAfter).filter(({ because }) => because === 'not set');
    found.push({ level, ...comparison, things: openThings(openBefore, openAfter), unexplained });
  }
  return found;
}

/** The eight daemons over which a mean is taken, at balanced. */
export const judged: ReadonlySet<string> = new Set([
  'apache2.service',
  'dnsmasq.service',
  'files.service',
  'nginx.service',
  'php8.2-fpm.service',
  'redis-server.service',
  'ssh.service',
  'unbound.service',
]);

/** A row of docs/attacks.md: things that are open without a drop-in and under that of each level, and the ways to these. */
export function rowOfAttacks(unit: string, all: readonly UnderLevel[]): string {
  const counted = (ways: readonly string[][]) =>
    `${ways.filter((each) => each.length > 0).length} (${ways.flat().length})`;
  const before = counted(all[0]?.things.map(({ before }) => before) ?? []);
  const after = all.map(({ things }) => counted(things.map((thing) => thing.after)));
  return `| ${[unit, before, ...after].join(' | ')} |`;
}

/** How many things are open at a level. */
export function openAt(level: Level, all: readonly UnderLevel[]): number {
  const { things = [] } = all.find((each) => each.level === level) ?? {};
  return things.filter(({ after }) => after.length > 0).length;
}

/** What must not be: an attack that a drop-in opens, and one that nobody can explain; relaxed is only listed. */
export function faultsOf(all: readonly UnderLevel[]): string[] {
  return all.flatMap(({ level, opened, unexplained }) => [
    ...opened.map((id) => `${level} opens ${id}`),
    ...(level === 'relaxed' ? [] : unexplained.map(({ id, why }) => `${level}, ${id}: ${why}`)),
  ]);
}
