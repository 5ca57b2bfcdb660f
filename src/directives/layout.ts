import { bindWordOf } from '../paths/bind-word.ts';
import { isBelow } from '../paths/covering-tree.ts';
import type { Profile } from '../profile/profile.ts';
import type { Context } from './context.ts';
import type { Grant } from './directive.ts';
import { hiddenPlaces, keptReadOnly } from './hidden-places.ts';
import { type Homes, homePlaces, homesOf } from './homes.ts';
import type { OwnDirectory } from './own-directories.ts';
import { withoutDash } from './path-needs.ts';
import { type EmptyPlace, emptiedShelves } from './shelves.ts';
import { changedPlaces, touchedPlaces } from './touched-places.ts';
import { sharedMemory, type WritablePlan } from './writable-paths.ts';

/** By which directive each place is given to the daemon, or kept from it: words of path lists with what asked for them. */
export interface Layout {
  /** ReadWritePaths= */
  readWrite: Grant[];
  /** RuntimeDirectory=, StateDirectory= and their kin. */
  own: OwnDirectory[];
  /** TemporaryFileSystem= */
  empty: EmptyPlace[];
  /** BindPaths=: writable, in what is otherwise empty. */
  bound: Grant[];
  /** BindReadOnlyPaths=: visible, in what is otherwise empty. */
  boundReadOnly: Grant[];
  /** ReadOnlyPaths=: in what is otherwise writable. */
  readOnly: Grant[];
  /** ProtectHome= */
  homes: Homes;
  /** InaccessiblePaths= */
  hidden: Grant[];
}

/**
 * The one place where it is decided how the file system of the unit is put together: docs/places.md says the rules. At `relaxed`
 * nothing is hidden: other people's programs look everywhere.
 */
export function layoutOf(
  profile: Profile,
  context: Context,
  { writable, authenticates }: { writable: WritablePlan; authenticates: boolean },
): Layout {
  const { grants, own } = writable;
  const plain: Layout = {
    readWrite: grants,
    own,
    empty: [],
    bound: [],
    boundReadOnly: [],
    readOnly: [],
    homes: { value: undefined, witnesses: [], visible: [] },
    hidden: [],
  };
  if (context.level === 'relaxed') return plain;
  const { empty, visible } = emptiedShelves(profile, writable, authenticates);
  if (!touchedPlaces(profile, false).has(sharedMemory))
    empty.push({
      path: sharedMemory,
      options: 'mode=1777,noexec',
      reason: 'no shared memory of others was used',
    });
  // Who logs in comes home.
  const homes = authenticates ? plain.homes : homesOf(profile, context, writable);
  const emptied = [...empty.map(({ path }) => path), ...(homes.value === 'tmpfs' ? homePlaces : [])];
  const isInEmpty = (word: string) => emptied.some((place) => isBelow(withoutDash(word), place));
  const touched = touchedPlaces(profile, context.level === 'balanced');
  const roots = [...grants.map(({ value }) => withoutDash(value)), ...own.map(({ path }) => path)];
  return {
    ...plain,
    readWrite: grants.filter(({ value }) => !isInEmpty(value)),
    empty,
    homes,
    bound: grants.filter(({ value }) => isInEmpty(value)).map(asBind),
    boundReadOnly: [...visible, ...homes.visible].map(asBind),
    readOnly: keptReadOnly(profile, roots, changedPlaces(profile)),
    hidden: hiddenPlaces(profile, {
      touched,
      writable: roots,
      authenticates,
      isGone: (place) => isInEmpty(place) && !visible.some(({ value }) => isBelow(place, withoutDash(value))),
    }),
  };
}

function asBind(grant: Grant): Grant {
  return { ...grant, value: bindWordOf(withoutDash(grant.value), grant.value.startsWith('-')) };
}
