import { inferSettings } from '../directives/settings.ts';
import { renderAssignment, renderDropIn } from '../emit/drop-in.ts';
import { brief } from '../emit/escaping.ts';
import { makeReport } from '../emit/report.ts';
import { type Install, renderSummary } from '../emit/summary.ts';
import type { Profile } from '../profile/profile.ts';
import { minimalUnit } from '../systemd/exec-start.ts';
import { exposure } from '../systemd/exposure.ts';
import type { LogReading } from '../trace/open-log.ts';
import { Failure } from './failure.ts';
import { unitThatStarts } from './likely-unit.ts';
import type { OutputOptions } from './options.ts';
import { writeOutput } from './output-file.ts';
import { saveProfile } from './profile-file.ts';
import { contextOf } from './target-context.ts';
import { toolName } from './version.ts';

export interface Observed {
  profile: Profile;
  unread: LogReading['unread'];
  /** What a person must know of how the profile came about. */
  warnings: string[];
  /** The systemd service that was watched, where that is known. */
  unit?: string | undefined;
}

/** From a profile to everything that a user gets: the saved profile, the drop-in or JSON, the summary on stderr. */
export async function conclude(observed: Observed, options: OutputOptions): Promise<void> {
  const profile =
    options.profile === undefined ? observed.profile : await saveProfile(options.profile, observed.profile);
  if (Object.keys(profile.syscalls).length === 0 && !options.acceptFailed) {
    throw new Failure(
      `No system call was read from ${sourcesOf(profile)}, and a drop-in from nothing would deny nearly everything: give a log that strace wrote.`,
    );
  }
  const context = await contextOf(profile, options);
  const { settings, warnings: found } = inferSettings(profile, context);
  const warnings = [...observed.warnings, ...profile.limits, ...lossesOf(profile), ...found];
  const dropIn = renderDropIn(
    {
      tool: toolName(),
      date: new Date(),
      systemd: context.systemd,
      level: context.level,
      sources: profile.sources.map(describeSource),
      warnings: observed.warnings,
    },
    settings,
  );
  const report = makeReport({
    tool: toolName(),
    level: context.level,
    systemd: context.systemd,
    settings,
    linesOf: (setting) => setting.assignments.flatMap(renderAssignment),
    profile,
    warnings,
    unread: observed.unread.map((line) => ({ ...line, text: brief(line.text) })),
  });
  await writeOutput(options.format === 'json' ? `${JSON.stringify(report, null, 2)}\n` : dropIn, options);
  if (options.verbose) showUnread(observed.unread);
  const score = await scoreOf(profile, dropIn);
  process.stderr.write(
    renderSummary({ profile, settings, warnings, exposure: score, install: installOf(observed, options) }),
  );
}

/** What the summary needs to tell how the drop-in is installed; undefined where none was written. */
function installOf({ profile, unit }: Observed, { format, output }: OutputOptions): Install | undefined {
  if (format === 'json') return undefined;
  const programs = profile.sources.map((source) => source.program).filter((name) => name !== '');
  return { file: output, unit: unit ?? programs.map((name) => unitThatStarts(name)).find(Boolean) };
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

function lossesOf(profile: Profile): string[] {
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

async function scoreOf(
  profile: Profile,
  dropIn: string,
): Promise<{ before: string; after: string } | undefined> {
  const program = profile.sources.map((source) => source.program).find((name) => name !== '');
  const unit = minimalUnit([program !== undefined && /^\/[\w./+-]+$/.test(program) ? program : '/bin/true']);
  const scores = await exposure(unit, dropIn).catch(() => undefined);
  if (scores === undefined) return undefined;
  const [before, after] = [scores.before, scores.after].map(
    ({ exposure: points, level }) => `${points.toFixed(1)} ${level}`,
  );
  return before === undefined || after === undefined ? undefined : { before, after };
}

function showUnread(unread: LogReading['unread']): void {
  for (const { source, line, text } of unread) {
    process.stderr.write(`Not read, ${brief(source)}:${line}: ${brief(text, 200)}\n`);
  }
}
