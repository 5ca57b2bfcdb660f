/**
 * The first line of a log that we keep where not every call was watched: without it whoever reads the log later would take those for
 * calls that were never made. strace writes no such line, so this one is ours.
 */
const mark = 'sandbox-profile: these calls were not watched: ';
const names = /^[a-z0-9_]{1,64}(?: [a-z0-9_]{1,64})*$/;

export function unwatchedMark(calls: readonly string[]): string {
  return `${mark}${calls.join(' ')}\n`;
}

/** The names on such a line, with a space between them; undefined for any other line. */
export function namesInMark(line: string): string | undefined {
  if (!line.startsWith(mark)) return undefined;
  const found = line.slice(mark.length);
  return names.test(found) ? found : undefined;
}
