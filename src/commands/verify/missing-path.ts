import type { Assignment } from '../../directives/directive.ts';
import { covers, nameOf, parentOf } from '../../paths/covering-tree.ts';
import type { Profile } from '../../profile/profile.ts';
import { readUnitText } from '../../systemd/unit-text.ts';
import { wordsOf } from '../../systemd/unit-words.ts';
import type { Change } from './mend-drop-in.ts';

/** A change that a start asks for, and the path that it is about. */
export interface Missing extends Change {
  about: string;
}

/**
 * The change that a start asks for which failed because a path of the drop-in is not there (226/NAMESPACE); undefined where it is
 * about something else. A place that the daemon needs, where systemd can make it, is made; any other need not be there.
 * systemd's words are in setup_namespace() and apply_one_mount() of src/core/namespace.c.
 */
export function missingPath(
  journal: readonly string[],
  text: string,
  unit: string,
  profile: Profile,
): Missing | undefined {
  const about = journal.map(pathIn).findLast((path) => path !== undefined);
  if (about === undefined) return undefined;
  const reason = `${about} is not there when the unit starts (226/NAMESPACE).`;
  for (const line of readUnitText(Buffer.from(text), 'drop-in').lines) {
    const style = placeLists.get(line.key);
    if (style === undefined || line.section !== 'Service') continue;
    const word = wordsOf(line.text, style, { unit }).words.find((each) => sourceOf(each) === about);
    if (word === undefined || word.startsWith('-')) continue;
    const made = makers.get(parentOf(about));
    const isUsed = Object.keys(profile.paths).some((path) => covers(about, path));
    if (line.key === 'ReadWritePaths' && made !== undefined && isUsed) {
      const assignment: Assignment = { key: made, words: [nameOf(about)], style: 'plain' };
      return { about, how: 'add', assignments: [assignment], reason };
    }
    return { about, how: 'make optional', assignments: [{ key: line.key, words: [word], style }], reason };
  }
  return undefined;
}

/** Inside systemd names paths below the root that it builds. */
function pathIn(line: string): string | undefined {
  const [, path] =
    /Failed to set up mount namespacing: (\/.*?): (?:No such file or directory|Not a directory)/.exec(line) ??
    [];
  return path?.replace(/^\/run\/systemd\/(?:unit-root|mount-rootfs)(?=\/)/, '');
}

const placeLists: ReadonlyMap<string, Assignment['style']> = new Map<string, Assignment['style']>([
  ['ReadWritePaths', 'paths'],
  ['ReadOnlyPaths', 'paths'],
  ['InaccessiblePaths', 'paths'],
  ['ExecPaths', 'paths'],
  ['NoExecPaths', 'paths'],
  ['BindPaths', 'binds'],
  ['BindReadOnlyPaths', 'binds'],
]);

/** Directories of its own that systemd makes for a unit. https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#RuntimeDirectory= */
const makers: ReadonlyMap<string, string> = new Map([
  ['/run', 'RuntimeDirectory'],
  ['/var/lib', 'StateDirectory'],
  ['/var/cache', 'CacheDirectory'],
  ['/var/log', 'LogsDirectory'],
]);

/** Of a bind mount its source. */
function sourceOf(word: string): string {
  return word.replace(/^[-+]+/, '').replace(/:.*$/, '');
}
