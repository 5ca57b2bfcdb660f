import { inferSettings } from '../directives/settings.ts';
import { renderAssignment, renderBare, renderDropIn } from '../emit/drop-in.ts';
import { brief } from '../emit/escaping.ts';
import { makeReport } from '../emit/report.ts';
import { type Install, renderSummary } from '../emit/summary.ts';
import type { Profile } from '../profile/profile.ts';
import type { LogReading } from '../trace/open-log.ts';
import { explainSetting } from './explain-setting.ts';
import { Failure } from './failure.ts';
import { knownHost } from './known-host.ts';
import { unitThatStarts } from './likely-unit.ts';
import type { OutputOptions } from './options.ts';
import { writeOutput } from './output-file.ts';
import { saveProfile } from './profile-file.ts';
import { bareScore, type Scored, scoreOf } from './score.ts';
import { contextOf } from './target-context.ts';
import { quarrelsOf, unitBelow } from './unit-below.ts';
import { withFilesOf } from './unit-files.ts';
import { toolName } from './version.ts';

export interface Observed {
  profile: Profile;
  unread: LogReading['unread'];
  /** What a person must know of how the profile came about. */
  warnings: string[];
  /** The systemd service that was watched, where that is known. */
  unit?: string | undefined;
  /** How a live trace was made; undefined where it was read. */
  watched?: string | undefined;
  /** Whether what is written is where systemd reads it. */
  isInstalled?: boolean;
  /** The file system on which it was watched, where that can be looked at. */
  root: string | undefined;
  /** Whether that service is one of a user's own manager. */
  isUser?: boolean;
}

/**
 * Asks systemd's programs already now for what conclude() will need: they take their time, and whoever has something else to do first
 * calls this before.
 */
export function askAhead({ unit, explain }: Pick<OutputOptions, 'unit' | 'explain'>): void {
  void knownHost();
  if (unit.length === 0 && explain === undefined) void bareScore();
}

/** From a profile to everything that a user gets: the saved profile, the drop-in or JSON, the summary on stderr. */
export async function conclude(observed: Observed, options: OutputOptions): Promise<void> {
  const kept =
    options.profile === undefined ? observed.profile : await saveProfile(options.profile, observed.profile);
  if (Object.keys(kept.syscalls).length === 0 && !options.acceptFailed) {
    throw new Failure(
      `No system call was read from ${sourcesOf(kept)}, and a drop-in from nothing would deny nearly everything: give a log that strace wrote.`,
    );
  }
  const context = await contextOf(kept, options);
  const unit = await unitBelow(options.unit, context);
  const profile = unit === undefined ? kept : withFilesOf(unit.settings.values, kept, observed.root);
  const { settings, warnings: found } = inferSettings(profile, context, unit?.settings.values);
  if (options.explain !== undefined) {
    await writeOutput(explainSetting(options.explain, { settings, profile, context, unit }), options);
    return;
  }
  const header = {
    tool: toolName(),
    date: new Date(),
    systemd: context.systemd,
    level: context.level,
    sources: profile.sources.map(describeSource),
    warnings: observed.warnings,
  };
  const dropIn = options.comments ? renderDropIn(header, settings) : renderBare(settings);
  const warnings = [
    ...observed.warnings,
    ...profile.limits,
    ...lossesOfLog(profile),
    ...found,
    ...(unit === undefined ? [] : quarrelsOf(unit, dropIn, profile, context)),
  ];
  const toScore = { profile, context, settings, unit, dropIn };
  let score: Scored | undefined;
  if (options.format === 'json') {
    score = await scoreOf(toScore);
    const report = makeReport({
      tool: toolName(),
      level: context.level,
      systemd: context.systemd,
      settings,
      linesOf: (setting) => setting.assignments.flatMap(renderAssignment),
      profile,
      warnings,
      unread: observed.unread.map((line) => ({ ...line, text: brief(line.text) })),
      exposure: score,
    });
    await writeOutput(`${JSON.stringify(report, null, 2)}\n`, options);
  } else {
    await writeOutput(dropIn, options);
    score = await scoreOf(toScore);
  }
  if (options.verbose) showUnread(observed.unread);
  const install = installOf(observed, options, unit?.source.name);
  process.stderr.write(
    renderSummary({ profile, settings, warnings, watched: observed.watched, exposure: score, install }),
  );
}

/** What the summary needs to tell how the drop-in is installed; undefined where none was written. */
function installOf(
  { profile, unit, isInstalled, isUser = false }: Observed,
  { format, output }: OutputOptions,
  named: string | undefined,
): Install | undefined {
  if (format === 'json' || isInstalled === true) return undefined;
  if (named !== undefined) return { file: output, unit: named, isNamed: true, isUser };
  const programs = profile.sources.map((source) => source.program).filter((name) => name !== '');
  const likely = unit ?? programs.map((name) => unitThatStarts(name)).find(Boolean);
  return { file: output, unit: likely, isNamed: false, isUser };
}

function describeSource(source: Profile['sources'][number]): string {
  const program = source.program === '' ? '' : ` of ${source.program}`;
  const how = { traced: 'a trace', attached: 'a trace of a running process', log: `the log ${source.name}` }[
    source.how
  ];
  return `${how}${program}`;
}

function sourcesOf(profile: Profile): string {
  return profile.sources.map((source) => brief(source.name)).join(', ') || 'what was given';
}

function lossesOfLog(profile: Profile): string[] {
  const losses: string[] = [];
  if (profile.log.unread > 0) {
    losses.push(`${profile.log.unread} lines of the log could not be read (--verbose shows the first).`);
  }
  const unresolved = Object.keys(profile.unresolved);
  if (unresolved.length > 0) {
    losses.push(
      `${unresolved.length} relative paths are not in the drop-in, for example ${JSON.stringify(unresolved[0])}: the log does not tell where the daemon stood (--cwd DIR tells it).`,
    );
  }
  return losses;
}

function showUnread(unread: LogReading['unread']): void {
  for (const { source, line, text } of unread) {
    process.stderr.write(`Not read, ${brief(source)}:${line}: ${brief(text, 200)}\n`);
  }
}
