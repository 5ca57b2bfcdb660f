import { readFile, realpath } from 'node:fs/promises';
import { type VerifyReport, verifyReportSchema } from '../../emit/verify-report.ts';
import { renderVerify } from '../../emit/verify-text.ts';
import { emptyProfile } from '../../profile/profile.ts';
import { systemReason } from '../../trace/log-error.ts';
import { Failure } from '../failure.ts';
import { checkOutput, printOutput, writeOutput } from '../output-file.ts';
import { liftSettings } from '../service/lifted-settings.ts';
import { serviceName, serviceText } from '../service/places.ts';
import { contextOf } from '../target-context.ts';
import { toolName } from '../version.ts';
import { attacksOpen, evidenceInComments } from './attacks-open.ts';
import { refine } from './refine.ts';
import { settingsOver } from './settings-over.ts';
import { type Baseline, baseline } from './trial.ts';
import { liveHost, ownDropIns, type TrialPlan } from './trial-machine.ts';

export interface VerifyOptions {
  service: string;
  /** The drop-in's file; undefined for what the unit says itself. */
  dropIn: string | undefined;
  exercise: string | undefined;
  prepare: string | undefined;
  refine: boolean;
  attacks: boolean;
  format: 'text' | 'json';
  output: string | undefined;
  force: boolean;
}

/**
 * `verify UNIT [DROP-IN]`: tries in throw-away machines whether a unit still works under a drop-in, and what an attacker inside it
 * can still do.
 * @returns the exit status: 0 it holds, 3 it does not
 */
export async function verify(options: VerifyOptions): Promise<number> {
  if (process.geteuid?.() !== 0)
    throw new Failure('Only root can start a throw-away machine: run with sudo.');
  await checkOutput(options);
  const text = options.dropIn === undefined ? undefined : await textOf(options.dropIn);
  const asked = { ...liveHost, run: neverRun };
  const { name: unit } = await serviceText(asked, serviceName(options.service));
  // Ours that is installed is no part of the unit, but where the unit's own sandbox is asked for.
  const own = options.dropIn === undefined ? ownDropIns(unit).slice(0, 1) : ownDropIns(unit);
  const without = options.dropIn === undefined ? own : [...own, await realpath(options.dropIn)];
  const { lines } = await serviceText(asked, unit, without);
  const plan: TrialPlan = {
    unit,
    without: without.filter((file) => file.includes(`/${unit}.d/`)),
    exercise: options.exercise ?? '',
    prepare: options.prepare,
  };
  const lifted = text === undefined ? liftedText(liftSettings(lines, unit)) : undefined;
  const file = options.dropIn ?? unit;
  const before = options.exercise === undefined ? undefined : await runWithout(plan, lifted);
  const works =
    before === undefined
      ? undefined
      : await refine({
          before,
          plan,
          lines,
          file,
          text,
          lifted,
          rounds: options.refine ? mostRounds : 0,
        });
  const context = works?.context ?? (await plainContext());
  const final = works?.report.mended ?? text;
  const attacks = options.attacks
    ? await attacksOpen(
        plan,
        { without: lifted, with: final },
        settingsOver(unit, lines, final, file, context),
        { context, comments: evidenceInComments(final ?? ''), profile: before?.watched.profile },
      )
    : null;
  const report: VerifyReport = verifyReportSchema.parse({
    schema: 1,
    tool: toolName(),
    systemd: context.systemd,
    unit,
    dropIn: options.dropIn ?? null,
    works: works?.report ?? null,
    attacks,
  } satisfies VerifyReport);
  await write(report, final, options);
  const holds = (works?.report.holds ?? true) && (attacks?.opened.length ?? 0) === 0;
  return holds ? 0 : 3;
}

const mostRounds = 12;

function runWithout(plan: TrialPlan, lifted: string | undefined): Promise<Baseline> {
  const what = lifted === undefined ? 'the drop-in' : 'its sandbox';
  process.stderr.write(`${plan.unit} runs without ${what}, in a throw-away machine.\n`);
  return baseline(plan, lifted);
}

const neverRun = async () => {
  throw new Error('nothing is run on this host');
};

function plainContext() {
  return contextOf(emptyProfile(), {
    level: 'minimal',
    onDeny: 'errno',
    network: false,
    confine: false,
    systemd: undefined,
  });
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new Failure(`${file} cannot be read: ${systemReason(error)}.`);
  }
}

function liftedText(lines: readonly [string, string][]): string {
  return `[Service]\n${lines.map(([key, value]) => `${key}=${value}\n`).join('')}`;
}

/** With --refine the drop-in is what is asked for, so that it goes where output goes, and the report to standard error. */
async function write(report: VerifyReport, final: string | undefined, options: VerifyOptions): Promise<void> {
  const shown = options.format === 'json' ? `${JSON.stringify(report, null, 2)}\n` : renderVerify(report);
  if (!options.refine || final === undefined) {
    await writeOutput(shown, options);
    return;
  }
  const isToFile = options.output !== undefined;
  if (options.format === 'text') process.stderr.write(shown);
  else if (isToFile) await printOutput(shown);
  if (options.format === 'json' && !isToFile) await printOutput(shown);
  else await writeOutput(final, options);
}
