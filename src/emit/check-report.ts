import { z } from 'zod';
import { logSchema, unreadSchema } from './report.ts';

const count = z.number().int();
const place = z.object({ source: z.string(), line: count });

/** What `check --format json` prints. A later version may add members; one that takes any away has another number. */
export const checkReportSchema = z.object({
  schema: z.literal(1),
  tool: z.string(),
  systemd: count,
  /** The unit files and drop-ins, in the order in which they were read. */
  unit: z.array(z.string()),
  /** `passes`: exit status 0; `denied`: 3; `not judged`: 1, nothing was found, and something could not be judged. */
  verdict: z.enum(['passes', 'denied', 'not judged']),
  /** The most telling first. */
  findings: z.array(
    z.object({
      directive: z.string(),
      /** The line of the unit that says so; null where it follows from another one. */
      says: z.object({ file: z.string(), line: count, text: z.string() }).nullable(),
      /** What the daemon would have seen: the name of an error, `SIGSYS` where it would be killed, or words. */
      errno: z.string(),
      /** The directory that all of them are about. */
      below: z.string().nullable(),
      /** `add` lines, or `take out` words; no line where no line of a unit file can help. */
      remedy: z.object({ how: z.enum(['add', 'take out']), lines: z.array(z.string()) }),
      /** Why the remedy is dangerous. */
      review: z.string().nullable(),
      /** All of them, in the order of the log. */
      denials: z.array(
        z.object({
          kind: z.string(),
          call: z.string(),
          /** The path, address or family that it was about. */
          subject: z.string(),
          first: place,
          count,
        }),
      ),
    }),
  ),
  /** Lines that systemd ignores: they protect nothing. */
  ignored: z.array(z.string()),
  /** What nothing is said about, and why. */
  notJudged: z.array(z.object({ file: z.string(), line: count, key: z.string(), reason: z.string() })),
  warnings: z.array(z.string()),
  log: logSchema,
  unread: unreadSchema,
});
export type CheckReport = z.infer<typeof checkReportSchema>;
export type CheckFinding = CheckReport['findings'][number];
