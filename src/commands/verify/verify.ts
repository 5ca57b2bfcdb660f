import { readFile, realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { probeFile } from '../../attacks/probe-file.ts';
import { type VerifyReport, verifyReportSchema } from '../../emit/verify-report.ts';
import { renderVerify } from '../../emit/verify-text.ts';
import { emptyProfile } from '../../profile/empty-profile.ts';
import type { UnitLine } from '../../systemd/unit-text.ts';
import { systemReason } from '../../trace/log-error.ts';
import { Failure } from '../failure.ts';
import { checkOutput, printOutput, writeOutput } from '../output-file.ts';
import { liftSettings } from '../service/lifted-settings.ts';
import { plannedHost } from '../service/machine-host.ts';
import { appliedName, serviceName, serviceText } from '../service/places.ts';
import { traceDropInName } from '../service/trace-drop-in.ts';
import { unitOwner } from '../service/unit-owner.ts';
import { contextOf } from '../target-context.ts';
import { toolName } from '../version.ts';
import { attacksOpen } from './attacks-open.ts';
import { evidenceInComments } from './evidence-in-comments.ts';
import { refine } from './refine.ts';
import { settingsOver } from './settings-over.ts';
import { type Baseline, baseline } from './trial.ts';
import type { TrialPlan } from './trial-machine.ts';

export interface VerifyOptions {
  service: string;
  /** The drop-in's file; undefined for what the unit says itself. */
  dropIn: string | undefined;
  /** A unit of the manager of the user who called sudo. */
  user: boolean;
  exercise: string | undefined;
  prepare: string | undefined;
  refine: boolean;
  /** Whether attacks are tried; undefined where nobody said so: they are, where they can be. */
  attacks: boolean | undefined;
  format: 'text' | 'json';
  output: string | undefined;
  force: boolean;
}

/**
 * `verify UNIT [DROP-IN]`: tries in throw-away machines whether a unit still works under a drop-in, and what an attacker inside it
 * can still do. Without an exercise only the second is asked.
 * @returns the exit status: 0 it holds, 3 it does not, 1 the attacks could not be tried
 */
export async function verify(options: VerifyOptions): Promise<number> {
  if (process.geteuid?.() !== 0)
    throw new Failure('Only root can start a throw-away machine: run with sudo.');
  await checkOutput(options);
  const text = options.dropIn === undefined ? undefined : await textOf(options.dropIn);
  const { plan, lines } = await planOf(options);
  const lifted = text === undefined ? liftedText(liftSettings(lines, plan.unit)) : undefined;
  const file = options.dropIn ?? plan.unit;
  const wantsAttacks = (options.attacks ?? true) && canAttack(options);
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
  const settings = settingsOver(plan.unit, lines, final, file, context);
  const tried = wantsAttacks
    ? await attacksOpen(plan, { without: lifted, with: final }, settings, {
        context,
        comments: evidenceInComments(final ?? ''),
        profile: before?.watched.profile,
      }).catch((error: unknown) => {
        // What is known already is told all the same.
        if (works === undefined || !(error instanceof Failure)) throw error;
        return error;
      })
    : null;
  const attacks = tried instanceof Failure ? null : tried;
  const report: VerifyReport = verifyReportSchema.parse({
    schema: 1,
    tool: toolName(),
    systemd: context.systemd,
    unit: plan.unit,
    dropIn: options.dropIn ?? null,
    ignored: settings.ignored.filter((line) => text === undefined || line.startsWith(`${file}:`)),
    works: works?.report ?? null,
    attacks,
  } satisfies VerifyReport);
  await write(report, final, options);
  if (tried instanceof Failure) process.stderr.write(`sandbox-profile: ${tried.message}\n`);
  const holds = (works?.report.holds ?? true) && (attacks?.opened.length ?? 0) === 0;
  if (!holds) return 3;
  return tried instanceof Failure ? 1 : 0;
}

/** What is tried, and all that the unit says without the drop-in. */
async function planOf(options: VerifyOptions): Promise<{ plan: TrialPlan; lines: readonly UnitLine[] }> {
  const owner = options.user ? await unitOwner() : undefined;
  const host = plannedHost(owner);
  const { name: unit, dropIns } = await serviceText(host, serviceName(options.service));
  // Ours that is installed is no part of the unit, but where the unit's own sandbox is asked for.
  const ofTrace = dropIns.filter((path) => basename(path) === traceDropInName);
  const own = dropIns.filter((path) => basename(path) === appliedName);
  const without =
    options.dropIn === undefined ? ofTrace : [...ofTrace, ...own, await realpath(options.dropIn)];
  const { lines, sockets } = await serviceText(host, unit, without);
  const plan: TrialPlan = {
    unit,
    owner,
    sockets,
    without: without.filter((path) => dropIns.includes(path)),
    exercise: options.exercise ?? '',
    prepare: options.prepare,
  };
  return { plan, lines };
}

/** Where nobody asked for attacks by name, a build without the probe answers the other question alone, and says so. */
function canAttack({ attacks, exercise }: VerifyOptions): boolean {
  try {
    probeFile();
    return true;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (attacks === true || exercise === undefined) throw new Failure(why);
    process.stderr.write(`What an attacker could do is left out: ${why}\n`);
    return false;
  }
}

const mostRounds = 12;

function runWithout(plan: TrialPlan, lifted: string | undefined): Promise<Baseline> {
  const what = lifted === undefined ? 'the drop-in' : 'its sandbox';
  process.stderr.write(`${plan.unit} runs without ${what}, in a throw-away machine.\n`);
  return baseline(plan, lifted);
}

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
