import type { Profile } from '../profile/profile.ts';
import type { Place } from '../trace/event.ts';
import type { Behaviour } from './behaviour.ts';
import type { Context } from './context.ts';
import type { MountRule, MountView } from './mount-view.ts';

/** A fact of the trace that shaped a setting: which call, on what, where in the log. */
export interface Witness {
  call: string;
  /** The path, address or family that the call was about; empty for the call alone. */
  subject: string;
  first: Place;
  count: number;
}

/** One thing that a setting lets through, and why: witnesses, or a stated reason where nothing in the trace shows it. */
export interface Grant {
  value: string;
  witnesses: Witness[];
  reason: string;
  /** Set where the grant would be dangerous wherever it came from: a person must look at it. */
  review: string | undefined;
}

/** What `infer` finds: the value as systemd will hold it, and the words that explain it. */
export interface Inferred<V> {
  value: V;
  /** Why the directive is set, in one or two sentences. */
  reason: string;
  grants: Grant[];
  /** What a person should know, and what could not be granted. */
  warnings?: string[];
}

/** One line of a drop-in: `Key=words`. No words: the assignment that empties a list. */
export interface Assignment {
  key: string;
  words: string[];
  /** `paths` are quoted and escaped as path lists are, `binds` with their colons too; `plain` words are names that systemd defines. */
  style: 'paths' | 'binds' | 'plain';
}

/**
 * A sandboxing directive, as its plugin writes it; V is its value as systemd holds it. The two halves check each other: `infer`
 * says what may be set, `denies` what systemd and the kernel would refuse under a value, whoever chose it.
 */
export interface Plugin<V> {
  name: string;
  /** The first systemd version that has it. */
  since: number;
  /** The calls whose arguments (not their mere names) `infer` reads: what a tracer must show. */
  observes: readonly string[];
  /** Whether it is in force in a dry run too (`--on-deny log`), because all it does is log. */
  inDryRun?: boolean;
  infer(profile: Profile, context: Context): Inferred<V> | undefined;
  /** The mounts that a value makes in the unit's mount namespace; directives that make none leave it out. */
  mounts?(value: V): MountRule[];
  /** The errno that the daemon would see (`SIGSYS` where it would be killed); undefined where the value lets it pass. */
  denies(value: V, behaviour: Behaviour, view: MountView): string | undefined;
  assignments(value: V, context: Context): Assignment[];
}

/** A directive with the value that was found for it. */
export interface Setting {
  directive: string;
  reason: string;
  grants: Grant[];
  warnings: string[];
  assignments: Assignment[];
  /** Shown, but not in force: a dry run only logs. */
  dryRun: boolean;
  mounts: MountRule[];
  denies(behaviour: Behaviour, view: MountView): string | undefined;
}

/** A plugin whose kind of value nobody outside needs to know. */
export interface Directive {
  name: string;
  since: number;
  observes: readonly string[];
  settle(profile: Profile, context: Context): Setting | undefined;
}

export function directive<V>(plugin: Plugin<V>): Directive {
  const { name, since, observes } = plugin;
  return {
    name,
    since,
    observes,
    settle(profile, context) {
      const inferred = plugin.infer(profile, context);
      if (inferred === undefined) return undefined;
      const { value, reason, grants, warnings } = inferred;
      return {
        directive: name,
        reason,
        grants,
        warnings: warnings ?? [],
        assignments: plugin.assignments(value, context),
        dryRun: context.onDeny === 'log' && plugin.inDryRun !== true,
        mounts: plugin.mounts?.(value) ?? [],
        denies: (behaviour, view) => plugin.denies(value, behaviour, view),
      };
    },
  };
}
