import { bindWordOf } from '../paths/bind-word.ts';
import { isBelow } from '../paths/covering-tree.ts';
import type { Profile } from '../profile/profile.ts';
import type { Behaviour } from './behaviour.ts';
import { confinementOf } from './confinement.ts';
import type { Context } from './context.ts';
import type { ExecutablePlan } from './executable-paths.ts';
import type { Grant } from './grant.ts';
import { hiddenPlaces, keptReadOnly } from './hidden-places.ts';
import { type Homes, homePlaces, homesOf } from './homes.ts';
import type { OwnDirectory } from './own-directories.ts';
import { temporaryPlaces } from './own-temporary.ts';
import { withoutDash } from './path-needs.ts';
import { procPlan } from './proc-plan.ts';
import { type EmptyPlace, emptiedShelves } from './shelves.ts';
import { changedPlaces, touchedPlaces } from './touched-places.ts';
import type { UnitSide } from './unit-side.ts';
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
  /** What could be read-only, and is written to. */
  leftWritable: Grant[];
  /** ProtectHome= */
  homes: Homes;
  /** InaccessiblePaths= */
  hidden: Grant[];
  /** What could be hidden, and is used. */
  left: Grant[];
  /** What is bound and need not be executed, though no NoExecPaths=/ says so. */
  notExecutable: string[];
  warnings: string[];
}

/** What the layout is made of. */
interface Planned {
  writable: WritablePlan;
  executable: ExecutablePlan;
  authenticates: boolean;
  unit: UnitSide;
  behaviours: readonly Behaviour[];
  hasUserNamespace: boolean;
  /** Whether PrivateTmp= gives it /tmp and /var/tmp, writable and empty. */
  hasOwnTemporary: boolean;
}

/**
 * The one place where it is decided how the file system of the unit is put together: docs/places.md says the rules. At `relaxed`
 * nothing is hidden: other people's programs look everywhere.
 */
export function layoutOf(profile: Profile, context: Context, plans: Planned): Layout {
  const { writable, authenticates } = plans;
  const { own } = writable;
  const isGiven = (path: string) =>
    (plans.hasOwnTemporary && isTemporary(path)) ||
    plans.unit.directories.some((place) => place === path || isBelow(path, place));
  const grants = writable.grants.filter(({ value }) => !isGiven(withoutDash(value)));
  const plain: Layout = {
    readWrite: grants,
    own,
    empty: [],
    bound: [],
    boundReadOnly: [],
    readOnly: [],
    leftWritable: [],
    homes: { value: undefined, witnesses: [], visible: [] },
    hidden: [],
    left: [],
    notExecutable: [],
    warnings: [],
  };
  if (context.level === 'relaxed') return plain;
  if (context.confine) return confined(profile, context, plain, plans);
  const { empty, visible } = emptiedShelves(profile, writable, authenticates);
  empty.push(...ownSharedMemory(profile));
  // Who logs in comes home.
  const homes = authenticates ? plain.homes : homesOf(profile, context, writable);
  const emptied = [...empty.map(({ path }) => path), ...(homes.value === 'tmpfs' ? homePlaces : [])];
  const isInEmpty = (word: string) => emptied.some((place) => isBelow(withoutDash(word), place));
  const touched = touchedPlaces(profile, context.level === 'balanced');
  const roots = [...grants.map(({ value }) => withoutDash(value)), ...own.map(({ path }) => path)];
  const proc = procPlan(profile, plans);
  return {
    ...plain,
    readWrite: grants.filter(({ value }) => !isInEmpty(value)),
    empty,
    homes,
    bound: grants.filter(({ value }) => isInEmpty(value)).map(asBind),
    boundReadOnly: [...visible, ...homes.visible].map(asBind),
    readOnly: [
      ...proc.readOnly,
      ...writableUnasked(emptied, homes, roots, authenticates),
      ...keptReadOnly(profile, roots, changedPlaces(profile)),
    ],
    leftWritable: [...proc.left, ...(authenticates ? writtenAtHome : [])],
    ...hiddenPlaces(profile, {
      touched,
      writable: roots,
      authenticates,
      isGone: (place) => isInEmpty(place) && !visible.some(({ value }) => isBelow(place, withoutDash(value))),
    }),
  };
}

const writtenAtHome: readonly Grant[] = [
  { value: '/home', witnesses: [], reason: 'who logs in writes at home', review: undefined },
];

/**
 * What ProtectSystem=strict leaves writable and nobody asked for: /run, because directives that mount /proc anew keep it out of
 * reach, and homes where ProtectHome= can't be set. Who logs in writes at home, but the administrator by other means.
 */
function writableUnasked(
  emptied: readonly string[],
  homes: Homes,
  roots: readonly string[],
  authenticates: boolean,
): Grant[] {
  const unused = authenticates ? ['/root'] : homePlaces;
  const places = ['/run', ...(homes.value === undefined ? unused : [])];
  return places
    .filter((place) => !emptied.includes(place) && !roots.includes(place))
    .map((place) => ({
      value: `-${place}`,
      witnesses: [],
      reason: 'ProtectSystem=strict alone may leave it writable',
      review: undefined,
    }));
}

/** The empty slate instead of a file system of which parts are taken away. */
function confined(profile: Profile, context: Context, plain: Layout, plans: Planned): Layout {
  const { executable, authenticates, hasOwnTemporary } = plans;
  const { readWrite: grants, own } = plain;
  const roots = [
    ...grants.map(({ value }) => withoutDash(value)),
    ...own.map(({ path }) => path),
    ...(hasOwnTemporary ? temporaryPlaces : []),
  ];
  const { empty, visible, aliases, linked, warnings } = confinementOf(profile, context, {
    executable: executable.grants.map(({ value }) => withoutDash(value)),
    writable: roots,
  });
  const shown = visible.map(({ value }) => withoutDash(value));
  const proc = procPlan(profile, plans);
  const isShown = (place: string) => [...shown, ...roots].some((above) => isBelow(place, above));
  return {
    ...plain,
    readWrite: [],
    empty: [...empty, ...ownSharedMemory(profile)],
    bound: [...grants.map(asBind), ...linked],
    boundReadOnly: [...visible, ...aliases].map(asBind),
    notExecutable: visible.map(({ value }) => value),
    readOnly: [...proc.readOnly, ...keptReadOnly(profile, roots, changedPlaces(profile))],
    leftWritable: proc.left,
    ...hiddenPlaces(profile, {
      touched: touchedPlaces(profile, context.level === 'balanced'),
      writable: roots,
      authenticates,
      isGone: (place) => !isShown(place),
    }),
    warnings,
  };
}

function ownSharedMemory(profile: Profile): EmptyPlace[] {
  if (touchedPlaces(profile, false).has(sharedMemory)) return [];
  return [{ path: sharedMemory, options: 'mode=1777,noexec', reason: 'no shared memory of others was used' }];
}

function isTemporary(path: string): boolean {
  return temporaryPlaces.some((place) => path === place || isBelow(path, place));
}

function asBind(grant: Grant): Grant {
  return { ...grant, value: bindWordOf(withoutDash(grant.value), grant.value.startsWith('-')) };
}
