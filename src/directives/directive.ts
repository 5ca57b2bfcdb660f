import type { Profile } from '../profile/profile.ts';
import type { Place } from '../trace/event.ts';
import type { Behaviour } from './behaviour.ts';
import type { Context } from './context.ts';
import type { PlacesOf } from './followed-rules.ts';
import type { Grant } from './grant.ts';
import { filterSettings, filtersTakePrivileges } from './kernel-filters.ts';
import { isSeenByOthers, unseen } from './mount-namespace.ts';
import type { MountRule, MountView } from './mount-view.ts';
import type { Plans } from './plans.ts';

/** What `infer` finds: the value as systemd will hold it, and the words that explain it. */
export interface Inferred<V> {
  value: V;
  /** Why the directive is set, in one or two sentences. */
  reason: string;
  grants: Grant[];
  /** What it could refuse, and does not because the daemon used it: no words of the value, but something to look at. */
  left?: Grant[];
  /** What a person should know, and what could not be granted. */
  warnings?: string[];
  /** Whether it takes a person's decision: then it stands in the drop-in as a comment only. */
  isAdvice?: boolean;
}

/** How the value of a setting is cut into words, and quoted: path lists, those with colons that mean something (two paths, or a path and options), names. */
export type WordStyle = 'paths' | 'binds' | 'tmpfs' | 'plain';

/** One line of a drop-in: `Key=words`. No words: the assignment that empties a list. */
export interface Assignment {
  key: string;
  words: string[];
  style: WordStyle;
}

/** One assignment of a unit that somebody wrote, cut into words as systemd cuts it. */
export interface Assigned {
  words: readonly string[];
  place: Place;
}

/** What a unit assigns to a key, in the order in which systemd reads it; empty where it doesn't. */
export type UnitValues = (key: string) => readonly Assigned[];

/** Why a directive is not set, or not to its strictest: what it would refuse first, or a reason in words. */
export type Against = { behaviour: Behaviour; errno: string } | string;

/** What would let a refused behaviour through: lines to add, or a word to take out of one that is there. */
export interface Remedy {
  how: 'add' | 'take out';
  assignment: Assignment;
  /** Other lines that it takes as well. */
  also?: Assignment[];
}

/** What docs/directives.md says of a directive, in a few words each: a cell of a table. `npm run docs` writes the page. */
export interface About {
  /** What it denies the daemon. */
  denies: string;
  /** When it is set, and to what. */
  when: string;
  /** The page in docs/ that has the rules, where these take more than a few words. */
  rules?: string;
}

/**
 * A sandboxing directive, as its plugin writes it; V is its value as systemd holds it. The two halves check each other: `infer`
 * says what may be set, `denies` what systemd and the kernel would refuse under a value, whoever chose it.
 */
export interface Plugin<V> {
  name: string;
  /** The first systemd version that has it. */
  since: number;
  about: About;
  /** Keys that it writes beside its own, and that no other directive stands for; none where left out. */
  companions?: readonly string[];
  /** The calls whose arguments, or whose mere absence, `infer` reads: what a tracer must show, whatever the level grants anyway. */
  observes: readonly string[];
  /** Names where left out. */
  style?: WordStyle;
  /** The words of which its value is one or more, where these are few. */
  values?: readonly string[];
  /** Whether it is in force in a dry run too (`--on-deny log`), because all it does is log. */
  inDryRun?: boolean;
  /** The value, or why there is none. */
  infer(profile: Profile, context: Context, plans: Plans): Inferred<V> | Against;
  /** The value that a unit's assignments leave, merged as systemd merges them; undefined for what it does unasked. */
  read(unit: UnitValues, context: Context): V | undefined;
  /** The mounts that a value makes in the unit's mount namespace; directives that make none leave it out. */
  mounts?(value: V, context: Context): MountRule[];
  /**
   * Whether a value gives the unit a mount namespace of its own though it makes no mount that the model knows of; those with mounts do.
   * https://github.com/systemd/systemd/blob/v252/src/core/execute.c (exec_needs_mount_namespace)
   */
  ownsMounts?(value: V, context: Context): boolean;
  /** The errno that the daemon would see (`SIGSYS` where it would be killed); undefined where the value lets it pass. */
  denies(value: V, behaviour: Behaviour, view: MountView, context: Context): string | undefined;
  /**
   * Whether a process that would hold a capability (`CAP_CHOWN`) holds it under a value too, and it counts for what is not its
   * own. Directives that take none away are without this.
   */
  keeps?(value: V, capability: string, isRoot: boolean): boolean;
  /** What to write where a value refuses what the daemon needs. `placesOf` tells where a path of the value leads. */
  remedy(value: V, behaviour: Behaviour, placesOf: PlacesOf): Remedy;
  /**
   * What is left to set over a unit that has a value already: undefined where that one is at least as strict. Never looser than
   * what the unit has.
   */
  besides(value: V, unit: V, context: Context): V | undefined;
  /** Words of one assignment that this systemd would pass over with a complaint; none where left out. */
  ignores?(words: readonly string[], context: Context): readonly string[];
  /** What speaks against its strictest value where `infer` finds another; where left out, nothing but its grants does. */
  against?(profile: Profile, context: Context, plans: Plans): Against | undefined;
  assignments(value: V, context: Context): Assignment[];
}

/** A directive with the value that was found for it. */
export interface Setting {
  directive: string;
  reason: string;
  grants: Grant[];
  left: Grant[];
  warnings: string[];
  assignments: Assignment[];
  /** Not where it is only shown: a dry run only logs, and advice waits for a decision. */
  inForce: boolean;
  mounts: MountRule[];
  /** Whether it gives the unit a mount namespace of its own. */
  ownsMounts: boolean;
  denies(behaviour: Behaviour, view: MountView): string | undefined;
  keeps(capability: string, isRoot: boolean): boolean;
  remedy(behaviour: Behaviour, placesOf: PlacesOf): Remedy;
}

/** What a unit says already of a directive. */
export interface Present {
  setting: Setting;
  /** Where it says it last. */
  place: Place;
}

/** A plugin whose kind of value nobody outside needs to know. */
export interface Directive {
  name: string;
  since: number;
  about: About;
  /** Keys that it writes beside its own, and that no other directive stands for. */
  companions: readonly string[];
  observes: readonly string[];
  style: WordStyle;
  /** None where it may be set to many things. */
  values: readonly string[];
  /** The setting for a profile: over `unit`, where one is given, only what that one doesn't have already. */
  settle(profile: Profile, context: Context, plans: Plans, unit?: UnitValues): Setting | undefined;
  /** What a unit that somebody wrote sets; undefined where it doesn't. */
  read(unit: UnitValues, context: Context): Present | undefined;
  /** Words of one assignment that this systemd would pass over with a complaint. */
  ignores(words: readonly string[], context: Context): readonly string[];
  /** Why it is not set, or not to its strictest; undefined where nothing speaks against it, or where its grants say it. */
  against(profile: Profile, context: Context, plans: Plans): Against | undefined;
}

function isInferred<V>(found: Inferred<V> | Against): found is Inferred<V> {
  return typeof found !== 'string' && 'value' in found;
}

export function directive<V>(plugin: Plugin<V>): Directive {
  const { name, since, about, observes } = plugin;
  const settingOf = (value: V, context: Context, said: Omit<Inferred<V>, 'value'>): Setting => {
    const mounts = plugin.mounts?.(value, context) ?? [];
    // Directories of its own alone are none: systemd makes them where they are.
    const ownsMounts =
      plugin.ownsMounts?.(value, context) ?? mounts.some(({ flag }) => flag !== 'own-directory');
    const assignments = plugin.assignments(value, context);
    return {
      directive: name,
      reason: said.reason,
      grants: said.grants,
      left: said.left ?? [],
      warnings: said.warnings ?? [],
      assignments,
      inForce: said.isAdvice !== true && (context.onDeny !== 'log' || plugin.inDryRun === true),
      mounts,
      ownsMounts,
      denies: (behaviour, view) =>
        plugin.denies(value, behaviour, view, context) ??
        (ownsMounts && isSeenByOthers(behaviour) ? unseen : undefined),
      keeps: (capability, isRoot) => plugin.keeps?.(value, capability, isRoot) ?? true,
      remedy: (behaviour, placesOf) =>
        ownsMounts && isSeenByOthers(behaviour)
          ? {
              how: 'take out',
              assignment: assignments.findLast(({ words }) => words.length > 0) ?? {
                key: name,
                words: [],
                style: 'plain',
              },
            }
          : plugin.remedy(value, behaviour, placesOf),
    };
  };
  return {
    name,
    since,
    about,
    companions: plugin.companions ?? [],
    observes,
    style: plugin.style ?? 'plain',
    values: plugin.values ?? [],
    settle(profile, context, plans, unit) {
      if (whyNoFilter(name, context, plans) !== undefined) return undefined;
      const inferred = plugin.infer(profile, context, plans);
      if (!isInferred(inferred)) return undefined;
      const { value, ...said } = inferred;
      const present = unit === undefined ? undefined : plugin.read(unit, context);
      if (present === undefined) return settingOf(value, context, said);
      const rest = plugin.besides(value, present, context);
      return rest === undefined ? undefined : settingOf(rest, context, said);
    },
    read(unit, context) {
      const value = plugin.read(unit, context);
      if (value === undefined) return undefined;
      const place = unit(name).at(-1)?.place ?? { source: '', line: 0 };
      return { setting: settingOf(value, context, { reason: '', grants: [] }), place };
    },
    ignores: (words, context) => plugin.ignores?.(words, context) ?? [],
    against(profile, context, plans) {
      const noFilter = whyNoFilter(name, context, plans);
      if (noFilter !== undefined) return noFilter;
      const inferred = plugin.infer(profile, context, plans);
      return isInferred(inferred) ? plugin.against?.(profile, context, plans) : inferred;
    },
  };
}

/** With a filter comes what the daemon can't bear: see kernel-filters.ts. Undefined for settings that load none. */
function whyNoFilter(name: string, context: Context, plans: Plans): string | undefined {
  if (!Object.hasOwn(filterSettings, name) || !filtersTakePrivileges(context)) return undefined;
  return plans.needsNewPrivileges
    ? `it starts as another user than root and runs set-ID programs, and with any filter systemd ${context.systemd} sets NoNewPrivileges=yes`
    : undefined;
}
