import { bindOf, bindWordOf } from '../paths/bind-word.ts';
import { covers, isBelow } from '../paths/covering-tree.ts';
import type { Profile } from '../profile/profile.ts';
import type { Behaviour } from './behaviour.ts';
import { confinementOf } from './confinement.ts';
import type { Context } from './context.ts';
import type { ExecutablePlan } from './executable-paths.ts';
import type { Grant } from './grant.ts';
import { hiddenPlaces, usedSockets } from './hidden-places.ts';
import { type Homes, homePlaces, homesOf } from './homes.ts';
import { keptConfiguration, keptDirectories, keptReadOnly } from './kept-places.ts';
import type { OwnDirectory } from './own-directories.ts';
import { temporaryPlaces } from './own-temporary.ts';
import { withoutDash, witness } from './path-needs.ts';
import { procPlan } from './proc-plan.ts';
import { type EmptyPlace, emptiedShelves } from './shelves.ts';
import { touchedPlaces } from './touched-places.ts';
import type { UnitPlaces } from './unit-places.ts';
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
  /** Those of them that are directories of others in a grant that holds far more. */
  kept: string[];
  /** What could be read-only, and is written to. */
  leftWritable: Grant[];
  /** What could be an empty file system of its own, and is used as it is. */
  leftAsItIs: Grant[];
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
  /** Words of what of it gets a read-only mount. */
  executablesToBind: readonly string[];
  authenticates: boolean;
  unit: UnitPlaces;
  /** What the unit makes writable by itself. */
  writableByUnit: readonly string[];
  behaviours: readonly Behaviour[];
  hasUserNamespace: boolean;
  /** Whether PrivateTmp= gives it /tmp and /var/tmp, writable and empty. */
  hasOwnTemporary: boolean;
  /** Whether a place is writable without a grant. */
  isGiven(place: string): boolean;
}

/**
 * The one place where it is decided how the file system of the unit is put together: docs/places.md says the rules. At `relaxed`
 * nothing is hidden: other people's programs look everywhere.
 */
export function layoutOf(profile: Profile, context: Context, plans: Planned): Layout {
  const { writable, authenticates, unit } = plans;
  const { own } = writable;
  const grants = writable.grants.filter(({ value }) => !plans.isGiven(withoutDash(value)));
  const plain: Layout = {
    readWrite: grants,
    own,
    empty: [],
    bound: [],
    boundReadOnly: [],
    readOnly: [],
    kept: [],
    leftWritable: [],
    leftAsItIs: [],
    homes: { value: undefined, witnesses: [], visible: [] },
    hidden: [],
    left: [],
    notExecutable: [],
    warnings: [],
  };
  if (context.level === 'relaxed') return { ...plain, left: usedSockets(profile, unit) };
  if (context.confine) return confined(profile, context, plain, plans);
  const roots = rootsOf(grants, plans);
  const kept = keptDirectories(profile, oursOf(grants, plans), roots);
  const { empty, visible } = emptiedShelves(
    profile,
    writable,
    unit,
    authenticates,
    kept.map(({ path }) => path),
  );
  const touched = touchedPlaces(profile, unit, context.level === 'balanced');
  empty.push(...ownSharedMemory(profile, unit));
  // Who logs in comes home.
  const homes = authenticates ? plain.homes : homesOf(profile, context, writable, unit);
  const emptied = [...empty.map(({ path }) => path), ...(homes.value === 'tmpfs' ? homePlaces : [])];
  const isInEmpty = (word: string) => emptied.some((place) => isBelow(withoutDash(word), place));
  const proc = procPlan(profile, plans);
  const stillThere = kept.filter(({ path }) => !emptied.some((place) => covers(place, path)));
  return {
    ...plain,
    readWrite: grants.filter(({ value }) => !isInEmpty(value)),
    empty,
    homes,
    bound: [...grants, ...grantsOfUnit(grants, plans)].filter(({ value }) => isInEmpty(value)).map(asBind),
    boundReadOnly: [...visible, ...homes.visible].map(asBind),
    readOnly: [
      ...proc.readOnly,
      ...writableUnasked([...emptied, ...unit.emptied], homes, roots, authenticates),
      ...keptConfiguration(profile, roots).map(keptReadOnly),
      ...stillThere.map(keptReadOnly),
    ],
    kept: stillThere.map(({ path }) => path),
    leftWritable: [...proc.left, ...(authenticates ? writtenAtHome : [])],
    leftAsItIs: usedSharedMemory(profile, unit),
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
  const { executable, authenticates, hasOwnTemporary, unit } = plans;
  const { readWrite: grants } = plain;
  const roots = [...rootsOf(grants, plans), ...(hasOwnTemporary ? temporaryPlaces : [])];
  const runnable = executable.grants.map(({ value }) => withoutDash(value));
  const { empty, visible, aliases, linked, warnings } = confinementOf(profile, context, {
    executable: runnable,
    bound: plans.executablesToBind.map(withoutDash),
    writable: roots,
    unit,
  });
  const isRun = (place: string) => runnable.some((path) => covers(place, path) || isBelow(place, path));
  // By its other name a place is another mount, so it is named apart.
  const links = [
    ...linked.map(({ value }) => bindOf(value)).filter(({ source }) => !isRun(source)),
    ...unit.named.flatMap(({ path, use, isLink }) =>
      isLink && use === 'writable' ? { destination: path } : [],
    ),
  ];
  const shown = visible.map(({ value }) => withoutDash(value));
  const proc = procPlan(profile, plans);
  const kept = keptDirectories(profile, oursOf(grants, plans), roots);
  const isShown = (place: string) => [...shown, ...roots].some((above) => isBelow(place, above));
  return {
    ...plain,
    readWrite: [],
    empty: [...empty, ...ownSharedMemory(profile, unit)],
    bound: [...[...grants, ...grantsOfUnit(grants, plans)].map(asBind), ...linked],
    boundReadOnly: [...visible, ...aliases].map(asBind),
    notExecutable: [
      ...visible.map(({ value }) => value),
      ...links.map(({ destination }) => `-${destination}`),
    ],
    readOnly: [...proc.readOnly, ...[...keptConfiguration(profile, roots), ...kept].map(keptReadOnly)],
    kept: kept.map(({ path }) => path),
    leftWritable: proc.left,
    leftAsItIs: usedSharedMemory(profile, unit),
    ...hiddenPlaces(profile, {
      touched: touchedPlaces(profile, unit, context.level === 'balanced'),
      writable: roots,
      authenticates,
      isGone: (place) => !isShown(place),
    }),
    warnings,
  };
}

/** Where the daemon may write. */
function rootsOf(grants: readonly Grant[], { writable, writableByUnit }: Planned): string[] {
  const said = [...grants.map(({ value }) => withoutDash(value)), ...writable.own.map(({ path }) => path)];
  return [...new Set([...said, ...writableByUnit])];
}

/** Where it may write by the drop-in alone. */
function oursOf(grants: readonly Grant[], { writableByUnit }: Planned): string[] {
  const isTheirs = (path: string) => writableByUnit.some((place) => covers(place, path));
  return grants.map(({ value }) => withoutDash(value)).filter((path) => !isTheirs(path));
}

/** What ReadWritePaths= of the unit grants by a path that has to be there, whatever is emptied above it. */
function grantsOfUnit(grants: readonly Grant[], plans: Planned): Grant[] {
  return plans.unit.named
    .filter(({ use, path }) => use === 'writable' && !plans.isGiven(path))
    .filter(({ path }) => !grants.some(({ value }) => covers(withoutDash(value), path)))
    .map(({ path, witness }) => ({
      value: `-${path}`,
      witnesses: [witness],
      reason: 'the unit grants it',
      review: undefined,
    }));
}

function ownSharedMemory(profile: Profile, unit: UnitPlaces): EmptyPlace[] {
  if (touchedPlaces(profile, unit, false).has(sharedMemory)) return [];
  return [{ path: sharedMemory, options: 'mode=1777,noexec', reason: 'no shared memory of others was used' }];
}

/** Shared memory that stays the host's because the daemon used it. */
function usedSharedMemory(profile: Profile, unit: UnitPlaces): Grant[] {
  if (ownSharedMemory(profile, unit).length > 0) return [];
  const witnesses = Object.entries(profile.paths).flatMap(([path, acts]) =>
    covers(sharedMemory, path) ? Object.values(acts).map((evidence) => witness(path, evidence)) : [],
  );
  return [{ value: sharedMemory, witnesses, reason: 'used by the daemon', review: undefined }];
}

function asBind(grant: Grant): Grant {
  return { ...grant, value: bindWordOf(withoutDash(grant.value), grant.value.startsWith('-')) };
}
