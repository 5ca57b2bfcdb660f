import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Comparison, compare } from '../../src/attacks/compare.ts';
import { otherService } from '../../src/attacks/decoys.ts';
import { explainOpen, type OpenAttack } from '../../src/attacks/explain.ts';
import { type OpenThing, openThings } from '../../src/attacks/open-things.ts';
import { runProbe } from '../../src/attacks/run-probe.ts';
import { loadProfile } from '../../src/commands/profile-file.ts';
import { contextOf } from '../../src/commands/target-context.ts';
import { unitBelow } from '../../src/commands/unit-below.ts';
import { targetOf } from '../../src/commands/verify/attack-target.ts';
import { type Level, levels } from '../../src/directives/context.ts';
import { inferSettings } from '../../src/directives/settings.ts';
import type { Concluded } from './drop-ins-of.ts';
import type { Packaged } from './packaged-daemon.ts';
import { must, prepared } from './prepared.ts';

/** Says of attacks that are open at a level why they are. */
type Explain = (open: readonly string[]) => OpenAttack[];

/** What an attacker can still do under the drop-in of one level. */
export interface UnderLevel extends Comparison {
  level: Level;
  things: OpenThing[];
  /** Open, and neither by a call that was seen, nor for a stated reason, nor for want of a directive. */
  unexplained: OpenAttack[];
}

/** What explains the attacks at each level: the settings, as they were concluded from the profile over this unit. */
async function explanations(unit: string, concluded: Concluded): Promise<Readonly<Record<Level, Explain>>> {
  const directory = await mkdtemp(join(tmpdir(), 'attacks-open-'));
  try {
    const files = { profile: join(directory, 'profile.json'), unit: join(directory, unit) };
    await writeFile(files.profile, concluded.profile);
    await writeFile(files.unit, concluded.unitText);
    return await explanationsOf(files);
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function explanationsOf(files: { profile: string; unit: string }) {
  const profile = await loadProfile(files.profile);
  const explainAt = async (level: Level): Promise<Explain> => {
    const options = { level, onDeny: 'errno', network: false, confine: false, systemd: undefined } as const;
    const context = await contextOf(profile, options);
    const below = await unitBelow([files.unit], context);
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

/** Tries all attacks without a drop-in and under that of each level, on a machine where another service is. */
export async function attacksOn(daemon: Packaged, concluded: Concluded): Promise<UnderLevel[]> {
  const { unit } = daemon;
  const explain = await explanations(unit, concluded);
  const machine = await prepared(daemon);
  try {
    await must(machine, otherService);
    const before = await runProbe(machine, unit);
    const found: UnderLevel[] = [];
    for (const level of levels) {
      const comparison = compare(before, await runProbe(machine, unit, concluded.dropIns[level]));
      const { openBefore, openAfter } = comparison;
      const unexplained = explain[level](openAfter).filter(({ because }) => because === 'not set');
      found.push({ level, ...comparison, things: openThings(openBefore, openAfter), unexplained });
    }
    return found;
  } finally {
    await machine.stop();
  }
}

/** Things that are open without a drop-in (`alone`) and under that of each level, and in brackets the ways to these. */
export type Open = Readonly<Record<Level | 'alone', string>>;

export function openIn(all: readonly UnderLevel[]): Open {
  const counted = (ways: readonly string[][]) =>
    `${ways.filter((each) => each.length > 0).length} (${ways.flat().length})`;
  const after = Object.fromEntries(
    all.map(({ level, things }) => [level, counted(things.map((thing) => thing.after))]),
  );
  const alone = counted(all[0]?.things.map(({ before }) => before) ?? []);
  return { minimal: '', balanced: '', relaxed: '', ...after, alone };
}

/** What must not be: an attack that a drop-in opens, and one that nobody can explain; relaxed is only listed. */
export function faultsOf(all: readonly UnderLevel[]): string[] {
  return all.flatMap(({ level, opened, unexplained }) => [
    ...opened.map((id) => `${level} opens ${id}`),
    ...(level === 'relaxed' ? [] : unexplained.map(({ id, why }) => `${level}, ${id}: ${why}`)),
  ]);
}
