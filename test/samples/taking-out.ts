import type { Behaviour } from '../../src/directives/behaviour.ts';
import { isEnough } from '../../src/directives/capability-use.ts';
import type { Setting } from '../../src/directives/directive.ts';
import { AddressList, packetAddress } from '../../src/directives/internet-address.ts';
import { MountView } from '../../src/directives/mount-view.ts';
import { ownRoots } from '../../src/directives/own-directories.ts';
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
  // Advice lets nothing through.
  if (!setting.inForce) return true;
  const others = wordsOf(setting).filter((word) => word !== value);
  switch (setting.directive) {
    case 'SystemCallFilter': {
      const filter = filterOf(settings, version, value);
      return behaviours.some((seen) => seen.kind === 'call' && !filter.allows(seen.name));
    }
    case 'RestrictAddressFamilies':
      return behaviours.some((seen) => seen.kind === 'family' && !others.includes(seen.family));
    case 'AmbientCapabilities':
    case 'CapabilityBoundingSet':
      return behaviours.some(
        (seen) => seen.kind === 'capability' && !isEnough(seen, (name) => others.includes(name)),
      );
    case 'RestrictNamespaces':
      return behaviours.some((seen) => seen.kind === 'privileged' && seen.what.startsWith('CLONE_NEW'));
    case 'NotifyAccess':
      return behaviours.some((seen) => seen.kind === 'caller');
    case 'ProtectProc':
      return behaviours.some((seen) => seen.kind === 'path' && seen.path.startsWith('/proc/[traced]'));
    case 'SystemCallArchitectures':
      return others.length === 1 && behaviours.some((seen) => seen.kind === 'abi');
    case 'IPAddressDeny': {
      const rest = new AddressList(wordsOf(setting, 'IPAddressAllow').filter((word) => word !== value));
      return behaviours.some(
        (seen) =>
          seen.kind === 'endpoint' &&
          seen.act !== 'bind' &&
          !rest.has(packetAddress(seen.address) ?? '127.0.0.1'),
      );
    }
    case 'SocketBindDeny': {
      const [version, port] = value.split(':');
      return behaviours.some(
        (seen) =>
          seen.kind === 'endpoint' &&
          seen.act === 'bind' &&
          seen.port === Number(port) &&
          (seen.family === 'AF_INET6') === (version === 'ipv6'),
      );
    }
    case 'RestrictNetworkInterfaces':
      return behaviours.some((seen) => seen.kind === 'endpoint' && seen.act !== 'bind');
    case 'DevicePolicy': {
      const [node] = value.split(' ');
      return behaviours.some((seen) => seen.kind === 'path' && seen.path === node);
    }
    default: {
      // A path stands in other lists for this one's sake (NoExecPaths=, BindReadOnlyPaths=): it goes from all of them.
      const root = Object.entries(ownRoots).find(([name]) => name === setting.directive)?.[1];
      const path = root === undefined ? value.replace(/^-/, '') : `${root}/${value}`;
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

function wordsOf({ directive, assignments }: Setting, key = directive): string[] {
  return assignments.filter((line) => line.key === key).flatMap(({ words }) => words);
}
