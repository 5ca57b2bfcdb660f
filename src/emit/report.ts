import { z } from 'zod';
import type { Setting } from '../directives/directive.ts';
import type { Witness } from '../directives/grant.ts';
import { type Profile, profileSchema } from '../profile/profile.ts';
import type { Score } from '../systemd/exposure.ts';
import type { Loss } from './losses.ts';

const count = z.number().int();

const evidence = z.object({
  /** The system call that asked for it. */
  call: z.string(),
  /** The path, address or family that it was about. */
  subject: z.string(),
  first: z.object({ source: z.string(), line: count }),
});

const score = z.object({ exposure: z.number(), level: z.string() });

/** Each line of the logs has one class, and they add up to `lines`. */
export const logSchema = z.object({
  lines: count,
  calls: count,
  continuations: count,
  signals: count,
  exits: count,
  notices: count,
  other: count,
  unread: count,
});

/** The first few lines that could not be read, shortened. */
export const unreadSchema = z.array(z.object({ source: z.string(), line: count, text: z.string() }));

/** What `--format json` prints. A later version may add members; one that takes any away has another number. */
export const reportSchema = z.object({
  schema: z.literal(1),
  tool: z.string(),
  level: z.enum(['minimal', 'balanced', 'relaxed']),
  systemd: count,
  settings: z.array(
    z.object({
      directive: z.string(),
      /** Words as systemd reads them, before any quoting. */
      values: z.array(z.string()),
      reason: z.string(),
      evidence: z.array(evidence),
      /** Values that a person must look at, and why. */
      review: z.array(z.object({ value: z.string(), reason: z.string() })),
      /** The lines as they stand in the drop-in. */
      lines: z.array(z.string()),
      /** Each value with all that asked for it. */
      grants: z
        .array(
          z.object({
            value: z.string(),
            reason: z.string(),
            review: z.string().nullable(),
            evidence: z.array(evidence.extend({ count })),
          }),
        )
        .optional(),
    }),
  ),
  profile: profileSchema,
  warnings: z.array(z.string()),
  log: logSchema,
  unread: unreadSchema,
  /** How exposed the unit is, by systemd-analyze, and why it still is; absent where this host can't tell. */
  exposure: z
    .object({
      before: score,
      after: score,
      losing: z.array(
        z.object({ points: z.number(), name: z.string(), field: z.string(), reason: z.string() }),
      ),
    })
    .optional(),
});
export type Report = z.infer<typeof reportSchema>;

export interface ReportParts {
  tool: string;
  level: Report['level'];
  systemd: number;
  settings: readonly Setting[];
  /** The assignments of a setting as lines. */
  linesOf(setting: Setting): string[];
  profile: Profile;
  warnings: string[];
  unread: Report['unread'];
  exposure?: { before: Score; after: Score; losses: readonly Loss[] } | undefined;
}

export function makeReport(parts: ReportParts): Report {
  return {
    schema: 1,
    tool: parts.tool,
    level: parts.level,
    systemd: parts.systemd,
    settings: parts.settings.map((setting) => ({
      directive: setting.directive,
      values: setting.assignments
        .filter(({ key }) => key === setting.directive)
        .flatMap(({ words }) => words),
      reason: setting.reason,
      evidence: setting.grants.flatMap((grant) => grant.witnesses.map(bare)),
      review: [...setting.grants, ...setting.left].flatMap(({ value, review }) =>
        review === undefined ? [] : [{ value, reason: review }],
      ),
      lines: parts.linesOf(setting),
      grants: setting.grants.map(({ value, reason, review, witnesses }) => ({
        value,
        reason,
        review: review ?? null,
        evidence: witnesses.map((witness) => ({ ...bare(witness), count: witness.count })),
      })),
    })),
    profile: parts.profile,
    warnings: parts.warnings,
    log: logCounts(parts.profile.log),
    unread: parts.unread,
    ...(parts.exposure === undefined ? {} : { exposure: exposureOf(parts.exposure) }),
  };
}

function exposureOf({ before, after, losses }: NonNullable<ReportParts['exposure']>): Report['exposure'] {
  const bareScore = ({ exposure, level }: Score) => ({ exposure, level });
  return { before: bareScore(before), after: bareScore(after), losing: [...losses] };
}

export function logCounts(log: Profile['log']): Report['log'] {
  return {
    lines: log.lines,
    calls: log.call,
    continuations: log.continuation,
    signals: log.signal,
    exits: log.exit,
    notices: log.notice,
    other: log.other,
    unread: log.unread,
  };
}

function bare({ call, subject, first }: Witness): Report['settings'][number]['evidence'][number] {
  return { call, subject, first };
}
