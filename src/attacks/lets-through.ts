import type { Setting } from '../directives/directive.ts';
import type { Grant } from '../directives/grant.ts';
import { type OwnRoot, ownRoots } from '../directives/own-directories.ts';
import { covers } from '../paths/covering-tree.ts';
import type { Attack, Closer } from './attack-table.ts';

/** Directives that give a place to write, or to see; what takes such a place away again is a grant of nothing. */
const writing = ['ReadOnlyPaths', 'TemporaryFileSystem', 'InaccessiblePaths'];
const takenAwayBy: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ...['ReadWritePaths', 'BindPaths', ...Object.keys(ownRoots)].map(
    (name) => [name, new Set([...writing, 'ProtectSystem', 'ProtectHome'])] as const,
  ),
  ['BindReadOnlyPaths', new Set(['TemporaryFileSystem', 'InaccessiblePaths', 'ProtectHome'])],
  ['ExecPaths', new Set(['NoExecPaths'])],
]);
const takes: ReadonlySet<string> = new Set([...writing, 'NoExecPaths', 'IPAddressDeny', 'SocketBindDeny']);

/** What of the settings a reader should look at: a directive, and the word of it that grants something. */
export interface SaidBy {
  directive: string;
  value?: string | undefined;
}

/** A grant that leaves an attack open, of the directive that says it. */
export interface Opening {
  directive: string;
  grant: Grant;
  /** Whether it is what a directive could have taken away, and leaves alone. */
  isLeft: boolean;
}

/**
 * The grants of settings without which an attack would be closed: places in which what it goes for lies, capabilities and families
 * that lines would take away which close it.
 * @param closing lines each of which closes it
 * @param realPath where a path leads
 */
export function openingsOf(
  attack: Attack,
  closing: readonly Closer[],
  settings: readonly Setting[],
  realPath: (path: string) => string,
): Opening[] {
  const goals = attack.path === undefined ? undefined : [attack.path, realPath(attack.path)];
  const openings = settings.flatMap(({ directive, grants, left }): Opening[] => [
    ...(takes.has(directive) ? [] : grants.map((grant) => ({ directive, grant, isLeft: false }))),
    ...left.map((grant) => ({ directive, grant, isLeft: true })),
  ]);
  return openings.filter(({ directive, grant, isLeft }) => {
    const place = placeOf(directive, grant.value);
    const takers = isLeft ? new Set([directive]) : takenAwayBy.get(directive);
    if (place === undefined || takers === undefined)
      return (
        directive !== 'SystemCallFilter' && closing.some((closer) => isWord(closer, directive, grant.value))
      );
    if (!closing.some((closer) => takers.has(closer.directive))) return false;
    return goals?.some((goal) => covers(place, goal)) ?? !isLeft;
  });
}

/** The path that a grant is about; undefined for a capability, a family, a call. */
function placeOf(directive: string, value: string): string | undefined {
  const root = Object.hasOwn(ownRoots, directive) ? ownRoots[directive as OwnRoot] : undefined;
  if (root !== undefined) return `${root}/${value.replace(/:.*/, '')}`;
  const path = value.replace(/^[-+]+/, '').replace(/:.*/, '');
  return path.startsWith('/') ? path : undefined;
}

function isWord({ directive: name, line, besides }: Closer, directive: string, value: string): boolean {
  return (name === directive && wordOf(line) === value) || besides === `${directive}=~${value}`;
}

/** What a line takes away: `CAP_KILL` of `CapabilityBoundingSet=~CAP_KILL`. */
export function wordOf(line: string): string {
  return line.replace(/^[^=]*=~?/, '').replace(/:ro$/, '');
}
