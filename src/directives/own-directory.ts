import type { Place } from '../trace/event.ts';
import type { Context } from './context.ts';
import { type About, type Assignment, type Directive, directive, type UnitValues } from './directive.ts';
import { notAtLevel } from './on-off.ts';
import { type OwnRoot, ownRoots } from './own-directories.ts';
import { appended } from './unit-values.ts';

export interface OwnDirectoryDirective {
  name: OwnRoot;
  since: number;
  about: About;
}

interface OwnValue {
  /** `foo`, `foo/bar` */
  names: string[];
  /** Of these the ones that the daemon may not write. */
  readOnly: string[];
  /** `0750`; undefined for what systemd does unasked, 0755. */
  mode: string | undefined;
}

/**
 * A directive by which systemd makes directories for the unit, owned by its user. What the unit names already is not touched:
 * the drop-in only adds. The directory of /run is kept at a stop, as it would be without the directive.
 */
export function ownDirectory({ name, since, about }: OwnDirectoryDirective): Directive {
  const root = ownRoots[name];
  return directive<OwnValue>({
    name,
    since,
    about,
    companions: [`${name}Mode`, ...(name === 'RuntimeDirectory' ? ['RuntimeDirectoryPreserve'] : [])],
    observes: [],
    infer(_profile, context, plans) {
      const own = plans.layout.own.filter((each) => each.directive === name);
      const [first] = own;
      if (first === undefined)
        return (
          notAtLevel(context) ?? `nothing was written in ${root} that systemd could make for the unit's user`
        );
      return {
        value: { names: own.map(({ path }) => path.slice(root.length + 1)), readOnly: [], mode: first.mode },
        reason: `It is made in ${root} before each start, for the daemon to write to.`,
        grants: own.map(({ path, grant }) => ({ ...grant, value: path.slice(root.length + 1) })),
      };
    },
    read(unit, context) {
      const words = appended(unit(name))?.map((word) => partsOf(word, context));
      if (words === undefined) return undefined;
      return {
        names: words.map((word) => word.name),
        readOnly: words.flatMap((word) => (word.isReadOnly ? word.name : [])),
        mode: unit(`${name}Mode`).at(-1)?.words[0],
      };
    },
    mounts: ({ names, readOnly }) =>
      names.map((each) => ({
        flag: 'own-directory',
        path: `${root}/${each}`,
        readOnly: readOnly.includes(each),
        by: name,
      })),
    denies(_value, behaviour, view) {
      const refusal = view.refuses(behaviour);
      return refusal?.by === name ? refusal.errno : undefined;
    },
    remedy: ({ names }) => ({ how: 'take out', assignment: { key: name, words: names, style: 'plain' } }),
    besides({ names, mode }, unit) {
      const rest = names.filter((each) => !unit.names.includes(each));
      // The unit's own mode holds for all that it makes.
      return rest.length === 0 ? undefined : { names: rest, readOnly: [], mode: unit.mode ?? mode };
    },
    assignments({ names, mode }) {
      const lines: Assignment[] = [{ key: name, words: names, style: 'plain' }];
      if (mode !== undefined && mode !== '0755')
        lines.push({ key: `${name}Mode`, words: [mode], style: 'plain' });
      if (name === 'RuntimeDirectory')
        lines.push({ key: 'RuntimeDirectoryPreserve', words: ['yes'], style: 'plain' });
      return lines;
    },
  });
}

/**
 * A word of such a directive: `NAME`, `NAME:LINK`, and from systemd 257 on `NAME::ro`, which is a link of that name before.
 * https://github.com/systemd/systemd/blob/v257/NEWS
 */
function partsOf(word: string, { systemd }: Context): { name: string; isReadOnly: boolean } {
  const [name = '', , flags = ''] = word.split(':');
  return { name: name.replace(/\/+$/, ''), isReadOnly: flags === 'ro' && systemd >= 257 };
}

/** The directories that systemd makes for a unit, by all directives of this kind: real paths. */
export function ownDirectoriesOf(
  unit: UnitValues,
  context: Context,
): { path: string; directive: OwnRoot; isReadOnly: boolean; place: Place }[] {
  const roots = Object.entries(ownRoots) as [OwnRoot, string][];
  return roots.flatMap(([directive, root]) => {
    const assigned = unit(directive);
    const reset = assigned.findLastIndex(({ words }) => words.length === 0);
    return assigned.slice(reset + 1).flatMap(({ words, place }) =>
      words
        .map((word) => partsOf(word, context))
        .filter(({ name }) => name !== '' && !name.startsWith('/') && !name.split('/').includes('..'))
        .map(({ name, isReadOnly }) => ({ path: `${root}/${name}`, directive, isReadOnly, place })),
    );
  });
}
