/**
 * A word of BindPaths= and its kin, once quotes are gone: `SOURCE[:DESTINATION[:OPTIONS]]`, `-` in front where a missing source is
 * passed over. A colon or a backslash of a name has a backslash in front.
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#BindPaths=
 */
export interface Bind {
  source: string;
  destination: string;
  isOptional: boolean;
}

/** What a word says; a path alone is mounted where it is. */
export function bindOf(word: string): Bind {
  const isOptional = word.startsWith('-');
  const parts = (isOptional ? word.slice(1) : word).match(/(?:[^:\\]|\\.)+/gsu) ?? [];
  const [source = '', destination] = parts.map((part) => part.replace(/\\(.)/gsu, '$1'));
  return { source, destination: destination ?? source, isOptional };
}

/** The word for a path that is mounted where it is: `-/run/a\:b`. */
export function bindWordOf(path: string, isOptional: boolean): string {
  return `${isOptional ? '-' : ''}${path.replace(/[\\:]/g, '\\$&')}`;
}
