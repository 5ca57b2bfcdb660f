import { compare } from '../../attacks/compare.ts';
import { explainOpen } from '../../attacks/explain.ts';
import { openThings } from '../../attacks/open-things.ts';
import type { AttackResult } from '../../attacks/result.ts';
import { runProbe } from '../../attacks/run-probe.ts';
import type { Context } from '../../directives/context.ts';
import type { Setting } from '../../directives/directive.ts';
import type { Grant } from '../../directives/grant.ts';
import { readSettings } from '../../directives/settings.ts';
import type { Attacks } from '../../emit/verify-report.ts';
import type { Profile } from '../../profile/profile.ts';
import type { Place } from '../../trace/event.ts';
import { Failure } from '../failure.ts';
import { systemctl } from '../service/unit-host.ts';
import { anInstanceOf } from '../service/unit-state.ts';
import type { UnitSettings } from '../unit-settings.ts';
import { targetOf } from './attack-target.ts';
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
  const read = readSettings(unit.values, context).map(({ setting }) => asRead(setting, unit, comments));
  const settings = [...read, ...leftOnly(comments, read)];
  const target = targetOf(context, profile);
  const explained = explainOpen(openAfter, settings, target).map(
    ({ id, title, openings, because, why, wouldClose }) => {
      const [first] = openings;
      const directive = first?.directive ?? /^([A-Z]\w+)=/.exec(why)?.[1];
      const place = directive === undefined ? undefined : placeOf(unit, directive, first?.grant.value);
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

/**
 * A setting as it stands in files has no evidence but what comments say. Each word of its value is a grant: as systemd merges what
 * several lines say, so that what was emptied or taken out is none; and a list that only takes away grants nothing.
 */
function asRead(setting: Setting, unit: UnitSettings, comments: ReadonlyMap<string, string>): Setting {
  const { directive } = setting;
  const words = setting.assignments
    .filter(({ key, words: [first = ''] }) => key === directive && !first.startsWith('~'))
    .flatMap((assignment) => assignment.words);
  return {
    ...setting,
    reason: comments.get(directive) ?? saidWhere(unit.values(directive).at(-1)?.place),
    grants: (lists.has(directive) ? [...new Set(words)] : []).map((value) =>
      plainGrant(
        value,
        comments.get(`${directive} ${value.replace(/^[-+]+/, '')}`) ??
          comments.get(directive) ??
          saidWhere(placeOf(unit, directive, value)),
      ),
    ),
    left: leftBy(directive, comments),
  };
}

function plainGrant(value: string, reason: string): Grant {
  return { value, witnesses: [], reason, review: undefined };
}

/** What a directive could have taken away, and leaves alone, as comments say. */
function leftBy(directive: string, comments: ReadonlyMap<string, string>): Grant[] {
  const start = `${directive} left alone `;
  return [...comments].flatMap(([key, reason]) =>
    key.startsWith(start) ? [plainGrant(key.slice(start.length), reason)] : [],
  );
}

/** Directives that have nothing but such a comment. */
function leftOnly(comments: ReadonlyMap<string, string>, read: readonly Setting[]): Setting[] {
  const known = new Set(read.map(({ directive }) => directive));
  const names = [...comments.keys()]
    .filter((key) => key.includes(' left alone '))
    .map((key) => key.split(' ')[0]);
  return [...new Set(names)].flatMap((directive = '') =>
    known.has(directive)
      ? []
      : [
          {
            directive,
            reason: comments.get(directive) ?? '',
            grants: [],
            left: leftBy(directive, comments),
            warnings: [],
            assignments: [],
            inForce: true,
            mounts: [],
            ownsMounts: false,
            denies: () => undefined,
            keeps: () => true,
            remedy: () => ({ how: 'add', assignment: { key: directive, words: [], style: 'plain' } }),
          },
        ],
  );
}

function saidWhere(place: Place | undefined): string {
  return place === undefined ? '' : `${place.source}:${place.line} says so`;
}

/** The line that says a word, or anything: of those that count, behind the last one that empties the list. */
function placeOf(unit: UnitSettings, directive: string, value: string | undefined): Place | undefined {
  const all = unit.values(directive);
  const assigned = all.slice(all.findLastIndex(({ words }) => words.length === 0) + 1);
  const naming = value === undefined ? undefined : assigned.findLast(({ words }) => words.includes(value));
  return (naming ?? assigned.findLast(({ words }) => words.length > 0))?.place;
}

function saysOf(unit: UnitSettings, place: Place): Attacks['openAfter'][number]['says'] {
  const line = unit.lineAt(place);
  return line === undefined ? null : { file: line.file, line: line.line, text: `${line.key}=${line.text}` };
}

/**
 * Reads what comments of a drop-in of ours say: `# Directive: reason`, below it `#   word: reason`, and `#   left alone, word: reason`
 * for what it could have taken away.
 */
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
    const [, left = '', word, said] = /^# {3}(left alone, )?(\S+): (.*)$/.exec(line) ?? [];
    if (directive !== '' && word !== undefined && said !== undefined)
      found.set(`${directive} ${left === '' ? '' : 'left alone '}${word.replace(/^[-+]+/, '')}`, said);
  }
  return found;
}
