import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { replaceFile } from '../../emit/replace-file.ts';
import { codeOf, Failure } from '../failure.ts';
import type { Places } from './places.ts';

/**
 * What is noted down about a watched unit, always before the step that it speaks of: whoever comes after a process that was killed
 * knows from it how far that had come.
 */
const noteSchema = z.object({
  schema: z.literal(1),
  unit: z.string(),
  phase: z.enum(['starting', 'watching', 'finishing', 'applying', 'applied', 'resetting']),
  /** When the watching began, as ISO 8601 says it. */
  since: z.string(),
  /** Whether the unit ran before. */
  wasRunning: z.boolean(),
  keepsSandbox: z.boolean(),
  maxSize: z.number(),
  /** How often the unit had restarted by itself. */
  restarts: z.number(),
  /** What stood in 50-sandbox-profile.conf before `--apply`: null where there was none; absent where nothing was applied. */
  earlier: z.string().nullable().optional(),
  /** While it is being applied: what stood there a moment ago, which may be what was applied before. */
  replaced: z.string().nullable().optional(),
  /** Directories that were made for drop-ins. */
  made: z.array(z.string()),
});
export type Note = z.infer<typeof noteSchema>;

/** Undefined where nothing is known of the unit. Throws a Failure where the note can't be read. */
export async function readNote({ note }: Places): Promise<Note | undefined> {
  let text: string;
  try {
    text = await readFile(note, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined;
    throw new Failure(`${note} cannot be read (${codeOf(error)}).`);
  }
  try {
    return noteSchema.parse(JSON.parse(text));
  } catch {
    throw new Failure(
      `${note} is damaged: remove the drop-in zz-sandbox-profile-trace.conf of the unit by hand, run systemctl daemon-reload, and remove the directory.`,
    );
  }
}

export async function writeNote(places: Places, note: Note): Promise<void> {
  await replaceFile({ path: places.note, mode: 0o600, content: `${JSON.stringify(note, null, 2)}\n` });
}
