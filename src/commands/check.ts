import { type Judgement, judge } from '../directives/judge.ts';
import type { CheckReport } from '../emit/check-report.ts';
import { findingJson, type LineAt, renderFinding } from '../emit/denials.ts';
import { brief, visible } from '../emit/escaping.ts';
import { logCounts } from '../emit/report.ts';
import { architectureOf } from '../syscall-groups/architectures.ts';
import { Failure } from './failure.ts';
import { knownHost } from './known-host.ts';
import { printOutput } from './output-file.ts';
import { readInputs } from './read-inputs.ts';
import { contextOf } from './target-context.ts';
import { withFilesOf } from './unit-files.ts';
import { unitSettings } from './unit-settings.ts';
import { unitSource } from './unit-source.ts';
import { toolName } from './version.ts';

export interface CheckOptions {
  /** The drop-in or unit that is judged. */
  dropIn: string;
  /** What stands below it: unit files, drop-ins, names of installed units. */
  units: string[];
  logs: string[];
  cwd: string | undefined;
  uid: number | undefined;
  root: string | undefined;
  systemd: number | undefined;
  format: 'text' | 'json';
}

/** `.include` was followed until 246: https://github.com/systemd/systemd/blob/v247/NEWS */
const lastWithInclude = 246;

/**
 * `check DROP-IN LOG…`: what a unit file would refuse of what logs and profiles show.
 * @returns the exit status: 0 nothing, 3 something, 1 nothing was found but something could not be judged.
 */
export async function check(options: CheckOptions): Promise<number> {
  void knownHost();
  const source = await unitSource([...options.units, options.dropIn]);
  const { profile, unread, root } = await readInputs(options.logs, {
    cwd: options.cwd,
    root: options.root,
    architecture: architectureOf(process.arch),
    uid: options.uid,
  });
  if (Object.keys(profile.syscalls).length === 0)
    throw new Failure('No system call was read, so nothing can be judged: give a log that strace wrote.');
  const context = await contextOf(profile, {
    level: 'minimal',
    onDeny: 'errno',
    network: false,
    confine: false,
    systemd: options.systemd,
  });
  const unit = unitSettings(source, context);
  const judgement = judge(unit.values, withFilesOf(unit.values, profile, root), context);
  const lineAt: LineAt = (place) => {
    const line = unit.lineAt(place);
    return line === undefined ? undefined : `${line.key}=${line.text}`;
  };
  const notJudged = [
    ...judgement.notJudged.map(({ key, place, why }) => ({
      file: place.source,
      line: place.line,
      key,
      reason: `${key}= is not judged: ${why}.`,
    })),
    ...unit.unclear,
    ...(context.systemd > lastWithInclude ? [] : source.includes).map((place) => ({
      ...place,
      key: '.include',
      reason: `systemd ${context.systemd} reads another file here, and this program does not.`,
    })),
  ];
  const verdict = verdictOf(judgement, notJudged.length);
  const report: CheckReport = {
    schema: 1,
    tool: toolName(),
    systemd: context.systemd,
    unit: [...options.units, options.dropIn],
    verdict,
    findings: judgement.findings.map((finding) => findingJson(finding, lineAt)),
    ignored: unit.ignored,
    notJudged,
    warnings: [...unit.notes, ...profile.limits],
    log: logCounts(profile.log),
    unread: unread.map((line) => ({ ...line, text: brief(line.text) })),
  };
  await printOutput(
    options.format === 'json' ? `${JSON.stringify(report, null, 2)}\n` : render(report, judgement, lineAt),
  );
  return { passes: 0, denied: 3, 'not judged': 1 }[verdict];
}

function verdictOf({ findings }: Judgement, unknown: number): CheckReport['verdict'] {
  if (findings.length > 0) return 'denied';
  return unknown === 0 ? 'passes' : 'not judged';
}

function render(report: CheckReport, { findings }: Judgement, lineAt: LineAt): string {
  const name = brief(report.unit.at(-1) ?? '');
  const block = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${visible(line)}`)];
  const found = {
    passes: `${name}: nothing of what the log shows would be refused.`,
    denied: `${name}: ${findings.length === 1 ? 'one finding' : `${findings.length} findings`}, the most telling first.`,
    'not judged': `${name}: nothing was found that would be refused, but not all of it could be judged.`,
  }[report.verdict];
  const { lines, unread } = report.log;
  const lost = unread === 0 ? '' : `, of which ${unread} could not be read`;
  return `${[
    found,
    ...findings.flatMap((finding) => ['', ...renderFinding(finding, lineAt)]),
    ...block('Ignored by systemd, so it protects nothing:', report.ignored),
    ...block(
      'Not judged:',
      report.notJudged.map(({ file, line, reason }) => `${file}:${line}: ${reason}`),
    ),
    ...block('Mind this:', report.warnings),
    '',
    `Judged for systemd ${report.systemd}, by ${lines} lines of log${lost}.`,
  ].join('\n')}\n`;
}
