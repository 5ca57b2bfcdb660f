import { compare } from '../../attacks/compare.ts';
import { explainOpen } from '../../attacks/explain.ts';
import type { AttackResult } from '../../attacks/result.ts';
import { runProbe } from '../../attacks/run-probe.ts';
import type { Context } from '../../directives/context.ts';
import type { Setting } from '../../directives/directive.ts';
import { readSettings } from '../../directives/settings.ts';
import type { Attacks } from '../../emit/verify-report.ts';
import type { Place } from '../../trace/event.ts';
import { Failure } from '../failure.ts';
import { systemctl } from '../service/unit-host.ts';
import { anInstanceOf } from '../service/unit-state.ts';
import type { UnitSettings } from '../unit-settings.ts';
import { type TrialPlan, trialMachine } from './trial-machine.ts';

/**
 * What an attacker inside the unit's daemon can do without and with a drop-in, each from a machine of its own.
 * @param comments what the drop-in's comments say of a word that it grants, by directive and word
 */
export async function attacksOpen(
  plan: TrialPlan,
  dropIns: { without: string | undefined; with: string | undefined },
  unit: UnitSettings,
  context: Context,
  comments: ReadonlyMap<string, string>,
): Promise<Attacks> {
  const [before, after] = await Promise.all([attack(plan, dropIns.without), attack(plan, dropIns.with)]);
  const { openBefore, openAfter, closed, opened, notApplicable } = compare(before, after);
  const settings = readSettings(unit.values, context)
    .map(({ setting }) => asRead(setting, unit, comments))
    // A call by itself says less than the capability, the path or the family that it needs.
    .sort((a, b) => Number(a.directive === 'SystemCallFilter') - Number(b.directive === 'SystemCallFilter'));
  const target = { systemd: context.systemd, bpf: context.bpf, groups: context.groups };
  const explained = explainOpen(openAfter, settings, target).map(({ id, title, grants, why, wouldClose }) => {
    const directive = grants[0]?.directive ?? /^([A-Z]\w+)=/.exec(why)?.[1];
    const place = directive === undefined ? undefined : placeOf(unit, directive, grants[0]?.grant.value);
    return { id, title, says: place === undefined ? null : saysOf(unit, place), why, wouldClose };
  });
  return { openBefore, closed, opened, notApplicable, openAfter: explained };
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

/** Directives whose words each let something through. */
const lists: ReadonlySet<string> = new Set([
  'AmbientCapabilities',
  'BindPaths',
  'BindReadOnlyPaths',
  'CacheDirectory',
  'CapabilityBoundingSet',
  'ConfigurationDirectory',
  'DeviceAllow',
  'ExecPaths',
  'LogsDirectory',
  'ReadWritePaths',
  'RestrictAddressFamilies',
  'RestrictNamespaces',
  'RuntimeDirectory',
  'SocketBindAllow',
  'StateDirectory',
  'SystemCallArchitectures',
  'SystemCallFilter',
]);

/** A setting as it stands in files has no evidence but what comments say: each of its words is a grant. */
function asRead(setting: Setting, unit: UnitSettings, comments: ReadonlyMap<string, string>): Setting {
  const { directive } = setting;
  const assigned = unit.values(directive);
  const words = assigned.flatMap((each) => each.words).filter((word) => !word.startsWith('~'));
  const last = assigned.at(-1)?.place;
  return {
    ...setting,
    reason: comments.get(directive) ?? saidWhere(last),
    grants: (lists.has(directive) ? [...new Set(words)] : []).map((value) => ({
      value,
      witnesses: [],
      reason:
        comments.get(`${directive} ${value.replace(/^[-+]+/, '')}`) ??
        comments.get(directive) ??
        saidWhere(placeOf(unit, directive, value)),
      review: undefined,
    })),
  };
}

function saidWhere(place: Place | undefined): string {
  return place === undefined ? '' : `${place.source}:${place.line} says so`;
}

function placeOf(unit: UnitSettings, directive: string, value: string | undefined): Place | undefined {
  const assigned = unit.values(directive);
  const naming = value === undefined ? undefined : assigned.findLast(({ words }) => words.includes(value));
  return (naming ?? assigned.findLast(({ words }) => words.length > 0))?.place;
}

function saysOf(unit: UnitSettings, place: Place): Attacks['openAfter'][number]['says'] {
  const line = unit.lineAt(place);
  return line === undefined ? null : { file: line.file, line: line.line, text: `${line.key}=${line.text}` };
}

/** Reads what comments of a drop-in of ours say: `# Directive: reason`, and below it `#   word: reason`. */
export function evidenceInComments(text: string): Map<string, string> {
  const found = new Map<string, string>();
  let directive = '';
  for (const line of text.split('\n')) {
    const [, name, reason] = /^# ([A-Z][A-Za-z]+): (.*)$/.exec(line) ?? [];
    if (name !== undefined && reason !== undefined) {
      directive = name;
      found.set(name, reason);
      continue;
    }
    if (!line.startsWith('#')) continue;
    const [, word, said] = /^# {3}(?:left alone, )?(\S+): (.*)$/.exec(line) ?? [];
    if (directive !== '' && word !== undefined && said !== undefined)
      found.set(`${directive} ${word.replace(/^[-+]+/, '')}`, said);
  }
  return found;
}
