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

/** The word for a path that is mounted where it is, or elsewhere: `-/run/a\:b`, `/run/a:/var/run/a`. */
export function bindWordOf(source: string, isOptional: boolean, destination = source): string {
  const [from, to] = [source, destination].map((path) => path.replace(/[\\:]/g, '\\$&'));
  return `${isOptional ? '-' : ''}${from}${source === destination ? '' : `:${to}`}`;
}
