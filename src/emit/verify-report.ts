import { z } from 'zod';

const count = z.number().int();
const refused = z.object({
  call: z.string(),
  /** A path, a family; empty for the call alone. */
  subject: z.string(),
  /** `SIGSYS` where the call killed its process. */
  errno: z.string(),
  count,
});
const place = z.object({ file: z.string(), line: count, text: z.string() });

const attack = z.object({
  id: z.string(),
  title: z.string(),
  /** The line of the unit or drop-in that leaves it open; null where none does. */
  says: place.nullable(),
  /** A call that was seen; a reason that was stated; that no directive of this version closes it; or none of these. */
  because: z.enum(['evidence', 'reason', 'no directive', 'not set']),
  why: z.string(),
  /** Lines that would close it. */
  wouldClose: z.array(z.string()),
});

/** What `verify --format json` prints. A later version may add members; one that takes any away has another number. */
export const verifyReportSchema = z.object({
  schema: z.literal(1),
  tool: z.string(),
  systemd: count,
  unit: z.string(),
  /** Null where the unit's own sandbox was judged. */
  dropIn: z.string().nullable(),
  /** Lines of it that systemd ignores, so that they protect nothing: `file:line: why`. */
  ignored: z.array(z.string()),
  /** Null without an exercise. */
  works: z
    .object({
      holds: z.boolean(),
      /** In the order in which they were taken; `why` is empty where one went well. */
      steps: z.array(z.object({ step: z.string(), why: z.string() })),
      /** What the kernel's log says of filters that killed; `call` is null where its number has no name here. */
      killed: z.array(z.object({ program: z.string(), syscall: count, call: z.string().nullable() })),
      findings: z.array(
        z.object({
          directive: z.string(),
          says: place.nullable(),
          errno: z.string(),
          /** Calls that were refused while it was tried; empty where only the models say that it would refuse something. */
          seen: z.array(refused),
          remedy: z.object({ how: z.enum(['add', 'take out', 'make optional']), lines: z.array(z.string()) }),
          review: z.string().nullable(),
        }),
      ),
      /** Calls that worked without the drop-in, failed with it, and no model knows why. */
      unexplained: z.array(refused),
      /** What --refine changed. */
      changes: z.array(
        z.object({
          how: z.enum(['add', 'take out', 'make optional']),
          lines: z.array(z.string()),
          reason: z.string(),
        }),
      ),
      /** The drop-in with these changes; null without any. */
      mended: z.string().nullable(),
    })
    .nullable(),
  /** Null without --attacks. */
  attacks: z
    .object({
      openBefore: z.array(z.string()),
      closed: z.array(z.string()),
      /** Open with the sandbox and not without: that must never be. */
      opened: z.array(z.string()),
      notApplicable: z.array(z.string()),
      openAfter: z.array(attack),
      /** What these attacks are ways to: each thing of which one is open, without the sandbox or with it. */
      things: z.array(
        z.object({
          id: z.string(),
          title: z.string(),
          before: z.array(z.string()),
          after: z.array(z.string()),
        }),
      ),
    })
    .nullable(),
});
export type VerifyReport = z.infer<typeof verifyReportSchema>;
export type Works = NonNullable<VerifyReport['works']>;
export type Attacks = NonNullable<VerifyReport['attacks']>;
