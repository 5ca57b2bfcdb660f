import { covers, isBelow } from '../paths/covering-tree.ts';
import { usualName } from '../paths/usual-links.ts';
import type { Profile } from '../profile/profile.ts';
import { authenticatesPeople } from './authentication.ts';
import { type Behaviour, behavioursOf } from './behaviour.ts';
import type { Context } from './context.ts';
import type { UnitValues } from './directive.ts';
import { type ExecutablePlan, executablePlan } from './executable-paths.ts';
import type { Grant } from './grant.ts';
import { needsNewPrivileges } from './kernel-filters.ts';
import { type Layout, layoutOf } from './layout.ts';
import { neededCapabilities } from './needed-capabilities.ts';
import { hasOwnTemporary, temporaryPlaces } from './own-temporary.ts';
import { placesOf } from './path-facts.ts';
import { withoutDash } from './path-needs.ts';
import { noUnit, type UnitPlaces, unitPlaces } from './unit-places.ts';
import { againstUserNamespace } from './user-namespace.ts';
import { wantedCalls } from './wanted-calls.ts';
import { sharedMemory, type WritablePlan, writablePlan } from './writable-paths.ts';

/** What several directives have to agree on, decided once for a profile: the first that asks pays, the others look. */
export class Plans {
  readonly #profile: Profile;
  readonly #context: Context;
  /** What the unit itself has to do with places. */
  readonly unit: UnitPlaces;
  #behaviours: Behaviour[] | undefined;
  #writable: WritablePlan | undefined;
  #layout: Layout | undefined;
  #ownTemporary: boolean | undefined;
  #executable: ExecutablePlan | undefined;
  #capabilities: Grant[] | undefined;
  #calls: Map<string, string> | undefined;
  #authenticates: boolean | undefined;
  #userNamespace: boolean | undefined;

  /** @param unit what the settings will stand over */
  constructor(profile: Profile, context: Context, unit?: UnitValues) {
    this.#profile = profile;
    this.#context = context;
    this.unit = unit === undefined ? noUnit : unitPlaces(unit, context, (path) => placesOf(profile, path));
  }

  /** Everything that a sandbox could refuse. */
  get behaviours(): readonly Behaviour[] {
    this.#behaviours ??= [...behavioursOf(this.#profile)];
    return this.#behaviours;
  }

  get writable(): WritablePlan {
    this.#writable ??= writablePlan(this.#profile, this.#context, (place) => this.isGiven(place));
    return this.#writable;
  }

  /** Where the daemon may write, so what lies there must not be made read-only for another directive's sake. */
  get writableRoots(): string[] {
    const { grants, own } = this.writable;
    return [...grants.map(({ value }) => withoutDash(value)), ...own.map(({ path }) => path), sharedMemory];
  }

  /** What the unit makes writable by itself. */
  get writableByUnit(): readonly string[] {
    const { given, named } = this.unit;
    return [
      ...given,
      ...named.flatMap(({ path, use, isLink }) => (use === 'writable' && !isLink ? path : [])),
    ];
  }

  /** Whether a place is writable without a grant: by what the unit brings along, or because /tmp is its own. */
  isGiven(place: string): boolean {
    const given = [...this.unit.given, ...(this.hasOwnTemporary ? temporaryPlaces : [])];
    return given.some((each) => covers(each, place));
  }

  /** Whether /tmp and /var/tmp are its own. */
  get hasOwnTemporary(): boolean {
    this.#ownTemporary ??=
      !this.unit.named.some(({ path }) => temporaryPlaces.some((place) => isBelow(path, place))) &&
      hasOwnTemporary(this.#context, this.behaviours);
    return this.#ownTemporary;
  }

  get layout(): Layout {
    this.#layout ??= layoutOf(this.#profile, this.#context, this);
    return this.#layout;
  }

  get executable(): ExecutablePlan {
    const { writableRoots, writableByUnit } = this;
    this.#executable ??= executablePlan(this.#profile, this.#context, { writableRoots, writableByUnit });
    return this.#executable;
  }

  /** Words of ExecPaths= that need a read-only mount. */
  get executablesToBind(): string[] {
    const { writableRoots } = this;
    return this.executable.grants
      .map(({ value }) => value)
      .filter((word) => !isWritable(word, writableRoots));
  }

  /** Capabilities to keep, `CAP_CHOWN`. */
  get capabilities(): readonly Grant[] {
    this.#capabilities ??= neededCapabilities(this.#profile, this.#context);
    return this.#capabilities;
  }

  keepsCapability(name: string): boolean {
    return this.capabilities.some(({ value }) => value === name);
  }

  /** System calls to let through at `minimal` and `balanced`, and why. */
  get calls(): ReadonlyMap<string, string> {
    this.#calls ??= wantedCalls(this.#profile, this.#context, {
      keepsChown: this.keepsCapability('CAP_CHOWN'),
      needsNewPrivileges: this.needsNewPrivileges,
      authenticates: this.authenticates,
    });
    return this.#calls;
  }

  /** Whether it starts as another user than root and runs programs that make it more. */
  get needsNewPrivileges(): boolean {
    return needsNewPrivileges(this.#profile, this.authenticates);
  }

  /** Whether it asks PAM who somebody is. */
  get authenticates(): boolean {
    this.#authenticates ??= authenticatesPeople(this.#profile);
    return this.#authenticates;
  }

  /** Whether it gets a user namespace of its own. */
  get hasUserNamespace(): boolean {
    this.#userNamespace ??= againstUserNamespace(this.#profile, this.#context, this) === undefined;
    return this.#userNamespace;
  }
}

/** Where nobody could look, libraries are named by what may be a link to what is written. */
function isWritable(word: string, writable: readonly string[]): boolean {
  const path = withoutDash(word);
  return [path, usualName(path)].some((name) => writable.some((place) => covers(place, name)));
}
