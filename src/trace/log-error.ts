/** A log that cannot be read: one sentence for the user, with the name of the log and what to do. */
export class LogError extends Error {
  override readonly name = 'LogError';
}

/** The reason that an error of the system gives: `no such file or directory`. */
export function systemReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return reasons[code] ?? (error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
}

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of its path is no directory',
  ELOOP: 'its symbolic links lead in a circle',
};
