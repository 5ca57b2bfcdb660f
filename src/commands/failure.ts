/** Something that a user can mend: its message is one sentence that says what, where, and what to do. Exit status 1. */
export class Failure extends Error {}

/** The system's short name for what went wrong (`ENOENT`), for the brackets at the end of a sentence. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
