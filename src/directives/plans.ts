import type { Profile } from '../profile/profile.ts';
import { authenticatesPeople } from './authentication.ts';
import { type Behaviour, behavioursOf } from './behaviour.ts';
import type { Context } from './context.ts';
import { type ExecutablePlan, executablePlan } from './executable-paths.ts';
import type { Grant } from './grant.ts';
import { needsNewPrivileges } from './kernel-filters.ts';
import { type Layout, layoutOf } from './layout.ts';
import { neededCapabilities } from './needed-capabilities.ts';
import { hasOwnTemporary } from './own-temporary.ts';
import { withoutDash } from './path-needs.ts';
import { noUnit, type UnitSide } from './unit-side.ts';
import { fitsUserNamespace } from './user-namespace.ts';
import { wantedCalls } from './wanted-calls.ts';
import { sharedMemory, type WritablePlan, writablePlan } from './writable-paths.ts';

/** What several directives have to agree on, decided once for a profile: the first that asks pays, the others look. */
export class Plans {
  readonly #profile: Profile;
  readonly #context: Context;
  /** What the unit says already. */
  readonly unit: UnitSide;
  #behaviours: Behaviour[] | undefined;
  #writable: WritablePlan | undefined;
  #layout: Layout | undefined;
  #ownTemporary: boolean | undefined;
  #executable: ExecutablePlan | undefined;
  #capabilities: Grant[] | undefined;
  #calls: Map<string, string> | undefined;
  #authenticates: boolean | undefined;
  #userNamespace: boolean | undefined;

  constructor(profile: Profile, context: Context, unit: UnitSide = noUnit) {
    this.#profile = profile;
    this.#context = context;
    this.unit = unit;
  }

  /** Everything that a sandbox could refuse. */
  get behaviours(): readonly Behaviour[] {
    this.#behaviours ??= [...behavioursOf(this.#profile)];
    return this.#behaviours;
  }

  get writable(): WritablePlan {
    this.#writable ??= writablePlan(this.#profile, this.#context);
    return this.#writable;
  }

  /** Where the daemon may write, so what lies there must not be made read-only for another directive's sake. */
  get writableRoots(): string[] {
    const { grants, own } = this.writable;
    return [...grants.map(({ value }) => withoutDash(value)), ...own.map(({ path }) => path), sharedMemory];
  }

  /** Whether /tmp and /var/tmp are its own. */
  get hasOwnTemporary(): boolean {
    this.#ownTemporary ??= hasOwnTemporary(this.#profile, this.#context, this.behaviours);
    return this.#ownTemporary;
  }

  get layout(): Layout {
    this.#layout ??= layoutOf(this.#profile, this.#context, this);
    return this.#layout;
  }

  get executable(): ExecutablePlan {
    this.#executable ??= executablePlan(this.#profile, this.#context, this.writableRoots);
    return this.#executable;
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
    this.#userNamespace ??= fitsUserNamespace(this.#profile, this.#context, this);
    return this.#userNamespace;
  }
}
