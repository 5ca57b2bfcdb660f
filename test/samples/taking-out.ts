import type { Behaviour } from '../../src/directives/behaviour.ts';
import type { Setting } from '../../src/directives/directive.ts';
import { MountView } from '../../src/directives/mount-view.ts';
import { filterOf } from './sample-logs.ts';

export interface TakenOut {
  /** The word that goes. */
  value: string;
  setting: Setting;
  /** All that are in force together. */
  settings: readonly Setting[];
  behaviours: readonly Behaviour[];
  version: number;
}

/** Whether something that was seen is refused once a word is taken out of a list. */
export function isMissed({ value, setting, settings, behaviours, version }: TakenOut): boolean {
  const others = wordsOf(setting).filter((word) => word !== value);
  switch (setting.directive) {
    case 'SystemCallFilter': {
      const filter = filterOf(settings, version, value);
      return behaviours.some((seen) => seen.kind === 'call' && !filter.allows(seen.name));
    }
    case 'RestrictAddressFamilies':
      return behaviours.some((seen) => seen.kind === 'family' && !others.includes(seen.family));
    case 'CapabilityBoundingSet':
      return behaviours.some((seen) => seen.kind === 'capability' && !others.includes(seen.name));
    case 'RestrictNamespaces':
      return behaviours.some((seen) => seen.kind === 'privileged' && seen.what.startsWith('CLONE_NEW'));
    case 'SystemCallArchitectures':
      return others.length === 1 && behaviours.some((seen) => seen.kind === 'abi');
    default: {
      // A path stands in other lists for this one's sake (NoExecPaths=, BindReadOnlyPaths=): it goes from all of them.
      const path = value.replace(/^-/, '');
      const rules = settings.flatMap(({ mounts }) => mounts);
      const view = new MountView(rules.filter((rule) => rule.path !== path || isGround(rule)));
      return behaviours.some((seen) => settings.some((other) => other.denies(seen, view) !== undefined));
    }
  }
}

/** Rules that stand whatever the lists name. */
function isGround({ by, path }: { by: string; path: string }): boolean {
  return by === 'ProtectSystem' || (by === 'NoExecPaths' && path === '/');
}

function wordsOf({ directive, assignments }: Setting): string[] {
  return assignments.filter(({ key }) => key === directive).flatMap(({ words }) => words);
}
