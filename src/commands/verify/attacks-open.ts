import { compare } from '../../attacks/compare.ts';
import { explainOpen } from '../../attacks/explain.ts';
import { openThings } from '../../attacks/open-things.ts';
import type { AttackResult } from '../../attacks/result.ts';
import { runProbe } from '../../attacks/run-probe.ts';
import type { Context } from '../../directives/context.ts';
import type { Attacks } from '../../emit/verify-report.ts';
import type { Profile } from '../../profile/profile.ts';
import type { Place } from '../../trace/event.ts';
import { Failure } from '../failure.ts';
import { systemctl } from '../service/unit-host.ts';
import { anInstanceOf } from '../service/unit-state.ts';
import type { UnitSettings } from '../unit-settings.ts';
import { targetOf } from './attack-target.ts';
import { placeOf, settingsAsRead } from './settings-as-read.ts';
import { type TrialPlan, trialMachine } from './trial-machine.ts';

/** What is known beside the unit and the drop-in. */
export interface Known {
  context: Context;
  /** What the drop-in's comments say of a word that it grants, by directive and word. */
  comments: ReadonlyMap<string, string>;
  /** What the unit does without its sandbox, where that was watched. */
  profile: Profile | undefined;
}

/** What an attacker inside the unit's daemon can do without and with a drop-in, each from a machine of its own. */
export async function attacksOpen(
  plan: TrialPlan,
  dropIns: { without: string | undefined; with: string | undefined },
  unit: UnitSettings,
  { context, comments, profile }: Known,
): Promise<Attacks> {
  const [before, after] = await Promise.all([attack(plan, dropIns.without), attack(plan, dropIns.with)]);
  const { openBefore, openAfter, closed, opened, notApplicable } = compare(before, after);
  const settings = settingsAsRead(unit, context, comments);
  const target = targetOf(context, profile);
  const explained = explainOpen(openAfter, settings, target).map(
    ({ id, title, because, by, why, wouldClose }) => {
      const place = by === undefined ? undefined : placeOf(unit, by.directive, by.value);
      return {
        id,
        title,
        says: place === undefined ? null : saysOf(unit, place),
        because,
        why,
        wouldClose,
      };
    },
  );
  const things = openThings(openBefore, openAfter);
  return { openBefore, closed, opened, notApplicable, openAfter: explained, things };
}

async function attack(plan: TrialPlan, dropIn: string | undefined): Promise<AttackResult[]> {
  const { machine, host } = await trialMachine(plan, dropIn);
  const prober = {
    systemctl: (args: readonly string[]) => systemctl(host, ...args),
    units: host.units,
    owner: plan.owner?.uid,
  };
  try {
    return await runProbe(machine, anInstanceOf(plan.unit), undefined, prober);
  } catch (error) {
    throw new Failure(`The attacks could not be tried: ${error instanceof Error ? error.message : error}`);
  } finally {
    await machine.stop();
  }
}

function saysOf(unit: UnitSettings, place: Place): Attacks['openAfter'][number]['says'] {
  const line = unit.lineAt(place);
  return line === undefined ? null : { file: line.file, line: line.line, text: `${line.key}=${line.text}` };
}
