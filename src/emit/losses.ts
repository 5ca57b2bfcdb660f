import type { Context } from '../directives/context.ts';
import type { Against, Setting } from '../directives/directive.ts';
import type { Grant } from '../directives/grant.ts';
import type { Profile } from '../profile/profile.ts';
import type { ScoreRow } from '../systemd/exposure.ts';
import { againstText, placeText } from './behaviour-text.ts';
import { explain } from './drop-in.ts';
import { brief } from './escaping.ts';

/** A part of the exposure that is still lost, and what of the log or of the unit explains it. */
export interface Loss {
  points: number;
  /** What the points are lost for: `CAP_NET_BIND_SERVICE`, `PrivateUsers`. */
  name: string;
  /** The row of systemd-analyze, the same in every version. */
  field: string;
  reason: string;
}

export interface LossParts {
  rows: readonly ScoreRow[];
  settings: readonly Setting[];
  profile: Profile;
  context: Context;
  /** Where the unit itself says something of a directive, `file:line`. */
  unitSays(directive: string): string | undefined;
  /** What speaks against a directive. */
  against(directive: string): Against | undefined;
}

/** Rows that are about several capabilities: the rest of the field's name is that of the capability. */
const capabilityRows: Readonly<Record<string, readonly string[]>> = {
  CAP_AUDIT: ['AUDIT_CONTROL', 'AUDIT_READ', 'AUDIT_WRITE'],
  CAP_CHOWN_FSETID_SETFCAP: ['CHOWN', 'FSETID', 'SETFCAP'],
  CAP_DAC_FOWNER_IPC_OWNER: ['DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'IPC_OWNER'],
  CAP_MAC: ['MAC_ADMIN', 'MAC_OVERRIDE'],
  CAP_NET_BIND_SERVICE_BROADCAST_RAW: ['NET_BIND_SERVICE', 'NET_BROADCAST', 'NET_RAW'],
  CAP_SET_UID_GID_PCAP: ['SETGID', 'SETPCAP', 'SETUID'],
  CAP_SYS_NICE_RESOURCE: ['SYS_NICE', 'SYS_RESOURCE'],
};

const familyRows: Readonly<Record<string, readonly string[]>> = {
  AF_INET_INET6: ['AF_INET', 'AF_INET6'],
  AF_UNIX: ['AF_UNIX'],
  AF_NETLINK: ['AF_NETLINK'],
  AF_PACKET: ['AF_PACKET'],
};

/** Rows that no trace decides: they take a person. */
const decisions: Readonly<Record<string, readonly [name: string, reason: string]>> = {
  UserOrDynamicUser: [
    'User',
    'the unit runs as root; who should own its files is a decision that no trace can make',
  ],
  SupplementaryGroups: ['SupplementaryGroups', 'the unit has groups beside its own'],
  RootDirectoryOrRootImage: [
    'RootDirectory',
    'the daemon sees the tree of the host; one of its own has to be made first',
  ],
  IPAddressDeny: ['IPAddressDeny', 'peers change from day to day; --network names those that were seen'],
  DeviceAllow: ['DeviceAllow', 'the real-time clock stays readable where ProtectClock= is set'],
  AmbientCapabilities: ['AmbientCapabilities', 'the unit gives capabilities to its user'],
  Delegate: ['Delegate', 'the unit manages a part of the control groups'],
};

/** Why each point is still lost, the dearest first. Reasons are safe for a terminal. */
export function lossesOf(parts: LossParts): Loss[] {
  return parts.rows
    .filter(({ exposure }) => exposure > 0)
    .map((row) => ({ points: row.exposure, field: row.field, ...reasonOf(row, parts) }));
}

/** `0.5 CAP_NET_BIND_SERVICE: used: bind "… port 80", httpd.strace:312` */
export function lossText({ points, name, reason }: Loss): string {
  return `${points.toFixed(1)} ${brief(name, 60)}: ${reason}`;
}

type Reason = Pick<Loss, 'name' | 'reason'>;

function reasonOf({ field }: ScoreRow, parts: LossParts): Reason {
  const [directive = field, ...rest] = field.split('_');
  const part = rest.join('_').replace(/\)$/, '');
  switch (directive) {
    case 'CapabilityBoundingSet': {
      const names = (capabilityRows[part] ?? [part.replace(/^CAP_/, '')]).map((name) => `CAP_${name}`);
      return byGrants(directive, ({ value }) => names.includes(value), names.join(' '), parts);
    }
    case 'RestrictAddressFamilies': {
      const named = familyRows[part];
      const others = new Set(Object.values(familyRows).flat());
      const isMeant = ({ value }: Grant) =>
        named === undefined ? !others.has(value) : named.includes(value);
      return byGrants(directive, isMeant, named?.join(' ') ?? 'other address families', parts);
    }
    case 'RestrictNamespaces':
      return byGrants(directive, ({ value }) => value === part, `namespaces (${part})`, parts);
    case 'SystemCallFilter':
      return byCalls(`@${part.replaceAll('_', '-')}`, parts);
    default: {
      const decision = Object.hasOwn(decisions, field) ? decisions[field] : undefined;
      if (decision === undefined) return byGrants(field, () => true, field, parts);
      const [name, reason] = decision;
      return {
        name,
        reason: parts.unitSays(name) === undefined ? reason : `${reason} (${parts.unitSays(name)})`,
      };
    }
  }
}

/** By the grants of a setting; where there are none, by what speaks against it. */
function byGrants(
  directive: string,
  isMeant: (grant: Grant) => boolean,
  name: string,
  parts: LossParts,
): Reason {
  const setting = parts.settings.find((each) => each.directive === directive);
  const grants = [...(setting?.grants ?? []), ...(setting?.left ?? [])].filter(isMeant);
  const [first] = [...grants].sort((a, b) => b.witnesses.length - a.witnesses.length);
  if (first !== undefined) {
    const names = grants.map(({ value }) => value).join(' ');
    const shown = first.value === names ? '' : `${brief(first.value)} `;
    const isList = name !== directive;
    return { name: isList ? names : name, reason: `${isList ? shown : ''}${explain(first)}` };
  }
  const refuses = setting?.assignments.some(
    ({ key, words }) => key === directive && words[0]?.startsWith('~'),
  );
  if (refuses)
    return { name, reason: 'none of the dangerous ones, which alone are taken away at --level relaxed' };
  const against = parts.against(directive);
  if (against !== undefined) return { name, reason: againstText(against) };
  const said = parts.unitSays(directive);
  if (said !== undefined) return { name, reason: `the unit says so (${said})` };
  if (setting?.inForce === false)
    return { name, reason: 'its lines are comments in the drop-in: a person decides' };
  return { name, reason: setting === undefined ? 'nothing sets it' : brief(setting.reason, 200) };
}

/** By the calls of a group that were seen; where none was, by why one of them is let through. */
function byCalls(group: string, { settings, profile, context }: LossParts): Reason {
  const members = context.groups.members(group);
  const seen = Object.entries(profile.syscalls)
    .filter(([name]) => members.has(name))
    .map(([name, { first }]) => `${name}, ${placeText(first)}`);
  const [first] = seen;
  if (first !== undefined) {
    const more = seen.length > 1 ? ` and ${seen.length - 1} more of its calls` : '';
    return { name: group, reason: `${first}${more}` };
  }
  const filter = settings.find(({ directive }) => directive === 'SystemCallFilter');
  if (filter === undefined) return { name: group, reason: 'no filter is set' };
  const grant = filter.grants.find(({ value }) => members.has(value) || value === group);
  return {
    name: group,
    reason: grant === undefined ? brief(filter.reason, 200) : `${brief(grant.value)}: ${explain(grant)}`,
  };
}
