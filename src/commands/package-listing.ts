/** For each package its files below the directories that are asked about (see `isOfInterest`), as path text. */
export type PackageFiles = ReadonlyMap<string, readonly string[]>;

/** What a package says of how its daemon lives: directories to write to, what is made at boot, what is rotated. */
export function isOfInterest(path: string): boolean {
  return /^(?:\/var\/(?:lib|cache|spool)|\/(?:usr\/lib|etc)\/tmpfiles\.d|\/etc\/logrotate\.d)\/./.test(path);
}

/** A path and the same without /usr: a database may know a program by either, where /bin is a link. */
export function namesOf(program: string): string[] {
  return [...new Set([program, program.replace(/^\/usr\//, '/')])];
}
