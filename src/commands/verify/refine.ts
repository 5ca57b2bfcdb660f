import type { Context } from '../../directives/context.ts';
import { MountView } from '../../directives/mount-view.ts';
import { readSettings } from '../../directives/settings.ts';
import { renderAssignment } from '../../emit/drop-in.ts';
import type { Works } from '../../emit/verify-report.ts';
import type { UnitLine } from '../../systemd/unit-text.ts';
import { contextOf } from '../target-context.ts';
import { withFilesOf } from '../unit-files.ts';
import type { UnitSettings } from '../unit-settings.ts';
import { type Blame, blame } from './blame.ts';
import { changesFor } from './changes.ts';
import { exitStatusIn } from './exit-words.ts';
import { type Change, mendDropIn } from './mend-drop-in.ts';
import { type Missing, missingPath } from './missing-path.ts';
import { settingsOver } from './settings-over.ts';
import { type Baseline, type Tried, tryOut } from './trial.ts';
import type { TrialPlan } from './trial-machine.ts';

export interface Question {
  /** A run without the drop-in. */
  before: Baseline;
  plan: TrialPlan;
  /** Of the unit, without the drop-in. */
  lines: readonly UnitLine[];
  /** How the drop-in is called. */
  file: string;
  /** The drop-in; undefined for the unit's own sandbox. */
  text: string | undefined;
  /** Under which the unit's own sandbox is lifted; undefined where a drop-in is tried. */
  lifted: string | undefined;
  /** How often the drop-in may be changed. */
  rounds: number;
}

export interface Answer {
  context: Context;
  report: Works;
}

const say = (line: string) => process.stderr.write(`${line}\n`);

/** Tries a drop-in, and, where that is wanted, changes it and tries again until it holds or nothing is left to blame. */
export async function refine(question: Question): Promise<Answer> {
  const { plan, lines, file, lifted } = question;
  const { before } = question;
  const context = await contextOf(before.watched.profile, {
    level: 'minimal',
    onDeny: 'errno',
    network: false,
    confine: false,
    systemd: undefined,
  });
  const without = settingsOver(plan.unit, lines, lifted, 'lifted', context);
  const changes: Change[] = [];
  let text = question.text;
  for (let round = 0; ; round++) {
    say(
      `${plan.unit} is tried with it${round === 0 ? '' : `, after ${round === 1 ? 'a change' : `${changes.length} changes`}`}.`,
    );
    const unit = settingsOver(plan.unit, lines, text, file, context);
    const tried = await tryOut(plan, text, before.manner, killsIn(unit, context));
    const killed = tried.killed.flatMap(({ call }) => call ?? []);
    const status = exitStatusIn(tried.life.journal);
    const profile = withFilesOf(unit.values, before.watched.profile, '/');
    const evidence = { before: { ...before.watched, profile }, after: tried.watched, killed, status };
    const blamed = blame(evidence, unit, without, context);
    const holds = isWell(tried, blamed);
    const missing =
      text === undefined
        ? undefined
        : missingPath(tried.life.journal, text, plan.unit, before.watched.profile);
    const next =
      holds || round >= question.rounds || text === undefined ? [] : changesFor(blamed, missing, changes);
    const mended = next.reduce<{ text: string; made: Change[] }>(
      ({ text, made }, change) => {
        const changed = mendDropIn(text, change, plan.unit);
        return changed === undefined ? { text, made } : { text: changed, made: [...made, change] };
      },
      { text: text ?? '', made: [] },
    );
    if (mended.made.length === 0)
      return { context, report: reportOf(holds, tried, blamed, missing, unit, changes, text) };
    changes.push(...mended.made);
    text = mended.text;
  }
}

function isWell({ life, watched, killed }: Tried, { blamed, unexplained }: Blame): boolean {
  return (
    life.steps.every(({ why }) => why === '') &&
    unexplained.length === 0 &&
    watched.killedBy.size === 0 &&
    killed.length === 0 &&
    blamed.every(({ seen }) => seen.length === 0)
  );
}

/** Whether the filter of a unit kills for a call. */
function killsIn(unit: UnitSettings, context: Context): (call: string) => boolean {
  const settings = readSettings(unit.values, context).map(({ setting }) => setting);
  const view = new MountView([]);
  const first = { source: '', line: 0 };
  return (name) =>
    settings.some(
      (setting) =>
        setting.denies({ kind: 'call', name, evidence: { call: name, first, count: 1 } }, view) === 'SIGSYS',
    );
}

function reportOf(
  holds: boolean,
  { life, watched, killed }: Tried,
  { blamed, unexplained }: Blame,
  missing: Missing | undefined,
  unit: ReturnType<typeof settingsOver>,
  changes: readonly Change[],
  text: string | undefined,
): Works {
  const findings = blamed.map((finding): Works['findings'][number] => {
    const line = finding.place === undefined ? undefined : unit.lineAt(finding.place);
    return {
      directive: finding.directive,
      says:
        line === undefined ? null : { file: line.file, line: line.line, text: `${line.key}=${line.text}` },
      errno: finding.errno,
      seen: finding.seen,
      remedy: { how: finding.remedy.how, lines: finding.remedy.assignments.flatMap(renderAssignment) },
      review: finding.review ?? null,
    };
  });
  if (missing !== undefined) findings.unshift(missingFinding(missing));
  return {
    holds,
    steps: life.steps,
    killed: killed.map(({ program, syscall, call }) => ({
      program,
      syscall,
      call: call ?? watched.killedBy.get(syscall) ?? null,
    })),
    findings,
    unexplained,
    changes: changes.map(({ how, assignments, reason }) => ({
      how,
      lines: assignments.flatMap(renderAssignment),
      reason,
    })),
    mended: changes.length === 0 ? null : (text ?? null),
  };
}

function missingFinding({ how, assignments, about }: Missing): Works['findings'][number] {
  const [assignment] = assignments;
  return {
    directive: assignment?.key ?? '',
    says: null,
    errno: '226/NAMESPACE',
    seen: [{ call: 'start', subject: about, errno: '226/NAMESPACE', count: 1 }],
    remedy: { how, lines: assignments.flatMap(renderAssignment) },
    review: null,
  };
}
