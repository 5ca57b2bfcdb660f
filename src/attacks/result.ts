import { z } from 'zod';

/** How an attack ended. */
export interface AttackResult {
  id: string;
  /** `not-applicable` where not even root without any sandbox can do it on this machine. */
  outcome: 'open' | 'closed' | 'not-applicable';
  /** What closed it: an error's name, a signal's, `timeout`, or `killed`; empty where it is open. */
  detail: string;
}

const lineSchema = z.object({
  id: z.string(),
  outcome: z.enum(['open', 'closed', 'started']),
  detail: z.string(),
});

const lineSize = 128;
/** What the probe maps: ROOM in probe/results.c. */
export const resultsSize = 65_536;

export interface ProbeFile {
  /** In the order of the probe's table, as far as it has come. */
  results: AttackResult[];
  /** Whether the last one was never finished. */
  isInterrupted: boolean;
}

/**
 * Reads the lines that a probe has left.
 * @throws when they are not what a probe writes
 */
export function readResults(bytes: Buffer): ProbeFile {
  const file: ProbeFile = { results: [], isInterrupted: false };
  for (let at = lineSize; at + lineSize <= bytes.length && bytes[at] === 0x7b; at += lineSize) {
    const { id, outcome, detail } = lineSchema.parse(JSON.parse(bytes.toString('latin1', at, at + lineSize)));
    file.isInterrupted = outcome === 'started';
    file.results.push({ id, outcome: outcome === 'started' ? 'closed' : outcome, detail });
  }
  return file;
}
