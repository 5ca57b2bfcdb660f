import type { Profile } from '../profile/profile.ts';
import { type Behaviour, behavioursOf } from './behaviour.ts';
import type { Context } from './context.ts';
import type { Present, Remedy, Setting, UnitValues } from './directive.ts';
import { followed, type PlacesOf } from './followed-rules.ts';
import { filterSettings, filtersTakePrivileges } from './kernel-filters.ts';
import { withoutLostCapabilities } from './lost-capabilities.ts';
import { isSeenByOthers } from './mount-namespace.ts';
import { MountView } from './mount-view.ts';
import { placesOf } from './path-facts.ts';
import { Plans } from './plans.ts';
import { directives } from './registry.ts';
import { startUid } from './start-uid.ts';
import { withLinksFollowed } from './unit-places.ts';
import { untracedCommands } from './untraced-commands.ts';
import { unseenCalls } from './watched-calls.ts';

export interface Settings {
  settings: Setting[];
  /** What a person should know: what could not be granted, and what the target's systemd doesn't have. */
  warnings: string[];
}

/**
 * The tightest settings, by level, that let a profile's behaviour through: in the registry's order.
 * @param unit what the unit sets already that they will stand over: of this nothing is said again
 */
export function inferSettings(profile: Profile, context: Context, unit?: UnitValues): Settings {
  const plans = new Plans(profile, context, unit);
  const below = unit && withLinksFollowed(unit, (path) => placesOf(profile, path));
  const settings: Setting[] = [];
  const warnings: string[] = [];
  for (const directive of directives) {
    const setting = directive.settle(profile, context, plans, below);
    if (setting === undefined) continue;
    if (directive.since > context.systemd) {
      // Advice is about another way, not about something that is missing here.
      if (setting.inForce)
        warnings.push(
          `systemd ${context.systemd} has no ${directive.name}= (it came with ${directive.since}): left out.`,
        );
      continue;
    }
    settings.push(setting);
    warnings.push(...setting.warnings);
  }
  const takesPrivileges = filtersTakePrivileges(context) && (startUid(profile) ?? 0) !== 0;
  if (takesPrivileges && plans.needsNewPrivileges) {
    warnings.push(
      `The daemon starts as another user than root and runs set-ID programs. With any filter systemd ${context.systemd} would set NoNewPrivileges=yes, and these would gain nothing: ${Object.keys(filterSettings).join('=, ')}= are left out.`,
    );
  } else if (takesPrivileges && context.level === 'relaxed') {
    warnings.push(
      `For a unit with User= systemd ${context.systemd} sets NoNewPrivileges=yes with any filter: sudo and its kin will gain nothing, whoever runs them in there.`,
    );
  }
  const unseen = unseenCalls(profile);
  if (context.level === 'minimal' && unseen.length > 0)
    warnings.push(
      `${unseen.length} calls are let through though nobody watched whether they are made (${unseen.slice(0, 4).join(', ')} …): trace with --exact, or with --level minimal, for a list of what was.`,
    );
  warnings.push(...untracedCommands(profile));
  warnings.push(...hiddenMounts(plans.behaviours, settings));
  if (plans.authenticates && context.level !== 'relaxed') {
    warnings.push(
      'The daemon can log people in (it uses PAM), and runs other programs for them: --level relaxed is meant for that, unless every kind of login was traced.',
    );
  }
  return { settings, warnings: [...new Set(warnings)] };
}

/**
 * A daemon that mounts for others goes on doing so, and nobody sees it any more: whether anybody should, no trace tells, and with all that
 * hides it nearly everything would go that is about files.
 */
function hiddenMounts(behaviours: readonly Behaviour[], settings: readonly Setting[]): string[] {
  const seen = behaviours.find(isSeenByOthers);
  const names = settings
    .filter(({ inForce, ownsMounts }) => inForce && ownsMounts)
    .map(({ directive }) => `${directive}=`);
  if (seen === undefined || names.length === 0) return [];
  const calls = new Set(behaviours.filter(isSeenByOthers).map(({ evidence }) => evidence.call));
  const { source, line } = seen.evidence.first;
  return [
    `The daemon mounts where others see it (calls: ${[...calls].join(', ')}; ${JSON.stringify(source)}, line ${line}). In a mount namespace of its own nobody else will. If others need these mounts, leave out each line that gives it one: ${names.join(' ')}.`,
  ];
}

/** What a unit sets, as far as there is a model of it: in the registry's order. */
export function readSettings(unit: UnitValues, context: Context): Present[] {
  return directives.flatMap((directive) => directive.read(unit, context) ?? []);
}

/** A behaviour that a sandbox would refuse: by which directive, and what the daemon would see. */
export interface Denial {
  directive: string;
  errno: string;
  behaviour: Behaviour;
  remedy: Remedy;
}

/** Everything in a profile, and of `more` beside it, that the settings together would refuse. */
export function denialsOf(
  settings: readonly Setting[],
  profile: Profile,
  more: readonly Behaviour[] = [],
): Denial[] {
  const follow: PlacesOf = (path) => placesOf(profile, path);
  const rules = settings.flatMap((setting) => setting.mounts);
  const view = new MountView(followed(rules, follow));
  const confined = withoutLostCapabilities(settings);
  const denials: Denial[] = [];
  for (const behaviour of [...more, ...behavioursOf(profile)]) {
    const tried = confined(behaviour);
    for (const setting of settings) {
      const errno = setting.denies(tried, view);
      if (errno === undefined) continue;
      const remedy = setting.remedy(tried, follow);
      denials.push({ directive: setting.directive, errno, behaviour, remedy });
    }
  }
  return denials;
}
