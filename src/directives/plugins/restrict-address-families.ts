import type { Context } from '../context.ts';
import { directive } from '../directive.ts';
import type { Grant } from '../grant.ts';
import { witness } from '../path-needs.ts';
import { polarList } from '../unit-values.ts';

/** As systemd holds it: `allow` with no name at all is `none`. */
export interface FamiliesValue {
  mode: 'allow' | 'deny';
  names: string[];
}

/** Families that give whoever breaks in more than a network daemon needs; `relaxed` denies those that were not used. */
const dangerous = [
  'AF_PACKET',
  'AF_ALG',
  'AF_VSOCK',
  'AF_BLUETOOTH',
  'AF_CAN',
  'AF_KEY',
  'AF_XDP',
  'AF_TIPC',
  'AF_RDS',
];

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#RestrictAddressFamilies= */
export const restrictAddressFamilies = directive<FamiliesValue>({
  name: 'RestrictAddressFamilies',
  since: 211,
  about: {
    denies: 'Sockets of other families',
    when: 'Always: families of the sockets that were made, or none; balanced adds AF_UNIX and the other IP family',
    rules: 'levels.md',
  },
  observes: ['socket'],
  infer(profile, context) {
    const grants: Grant[] = Object.entries(profile.families).map(([name, evidence]) => ({
      value: name,
      witnesses: [witness(name, evidence)],
      reason: 'sockets of this family were made',
      review: reviewOfFamily(name),
    }));
    if (context.level === 'relaxed') {
      return {
        value: { mode: 'deny', names: dangerous.filter((name) => !Object.hasOwn(profile.families, name)) },
        reason: 'No socket of these families was seen; all others pass.',
        grants: [],
        left: grants.filter(({ review }) => review !== undefined),
      };
    }
    const add = (value: string, reason: string) => {
      if (!grants.some((grant) => grant.value === value))
        grants.push({ value, witnesses: [], reason, review: undefined });
    };
    if (context.level === 'balanced') {
      add('AF_UNIX', 'logging, name services and readiness messages go through local sockets');
      // A name may resolve to either kind of address, and a listener may be told to use the other one.
      if (Object.hasOwn(profile.families, 'AF_INET'))
        add('AF_INET6', 'the other kind of address of the same network');
      if (Object.hasOwn(profile.families, 'AF_INET6'))
        add('AF_INET', 'the other kind of address of the same network');
    }
    grants.sort((a, b) => (a.value < b.value ? -1 : 1));
    return {
      value: { mode: 'allow', names: grants.map((grant) => grant.value) },
      reason: grants.length === 0 ? 'No socket was made.' : 'Sockets of other families are not made.',
      grants,
    };
  },
  read(unit, context) {
    // `none` forgets what came before, and says nothing of what comes after: a `~` list then refuses no more than it names.
    const assigned = unit('RestrictAddressFamilies').map(({ words, place }) => {
      const understood = words.slice(0, words.length - passedOver(words, context).length);
      // Of a line that begins with an unknown name its kind is left: a list that names nothing.
      const kind = words[0]?.startsWith('~') === true ? '~' : '';
      return { words: understood.length === 0 && words.length > 0 ? [kind] : understood, place };
    });
    const none = assigned.findLastIndex(({ words }) => words.length === 1 && words[0] === 'none');
    const after = polarList(assigned.slice(none + 1), (word) =>
      word === '' ? [] : [word.replace(/^AF_LOCAL$/, 'AF_UNIX')],
    );
    const isEmptied = assigned.slice(none + 1).some(({ words }) => words.length === 0);
    const list: { mode: 'allow' | 'deny'; names: Iterable<string> } | undefined =
      after ?? (none < 0 || isEmptied ? undefined : { mode: 'allow', names: [] });
    return list === undefined ? undefined : { mode: list.mode, names: [...list.names] };
  },
  denies({ mode, names }, behaviour) {
    if (behaviour.kind !== 'family') return undefined;
    return names.includes(behaviour.family) === (mode === 'allow') ? undefined : 'EAFNOSUPPORT';
  },
  remedy({ mode }, behaviour) {
    const words = behaviour.kind === 'family' ? [behaviour.family] : [];
    const assignment = { key: 'RestrictAddressFamilies', words, style: 'plain' as const };
    return { how: mode === 'allow' ? 'add' : 'take out', assignment };
  },
  besides(value, unit) {
    const passes = (name: string, by: FamiliesValue) => by.names.includes(name) === (by.mode === 'allow');
    if (value.mode === 'allow') {
      const isWithin = unit.mode === 'allow' && unit.names.every((name) => passes(name, value));
      return isWithin ? undefined : { ...value, names: value.names.filter((name) => passes(name, unit)) };
    }
    if (!value.names.some((name) => passes(name, unit))) return undefined;
    return unit.mode === 'deny'
      ? { ...value, names: [...new Set([...value.names, ...unit.names])].sort() }
      : { ...unit, names: unit.names.filter((name) => passes(name, value)) };
  },
  ignores(words, context) {
    const rest = passedOver(words, context);
    return rest.length > 0 ? rest : words.filter(isUnknown);
  },
  assignments({ mode, names }, context) {
    const reset = { key: 'RestrictAddressFamilies', words: [], style: 'plain' as const };
    // `none` came with 249; before it, the family with the least reach stands for it.
    const empty = context.systemd >= 249 ? 'none' : 'AF_UNIX';
    const words =
      names.length === 0
        ? [empty]
        : names.map((name, at) => (mode === 'deny' && at === 0 ? `~${name}` : name));
    return [reset, { ...reset, words }];
  },
});

/** https://man7.org/linux/man-pages/man7/address_families.7.html, without `AF_`; a lone `~` names none. */
const families: ReadonlySet<string> = new Set(
  ' UNSPEC UNIX LOCAL INET AX25 IPX APPLETALK NETROM BRIDGE ATMPVC X25 INET6 ROSE DECnet NETBEUI SECURITY KEY NETLINK ROUTE PACKET ASH ECONET ATMSVC RDS SNA IRDA PPPOX WANPIPE LLC IB MPLS CAN TIPC BLUETOOTH IUCV RXRPC ISDN PHONET IEEE802154 CAIF ALG NFC VSOCK KCM QIPCRTR SMC XDP MCTP'.split(
    ' ',
  ),
);

function isUnknown(word: string): boolean {
  return word !== 'none' && !families.has(word.replace(/^~/, '').replace(/^AF_/, ''));
}

/**
 * A name that systemd does not know it passes over, and in 262 the rest of the line with it.
 * https://github.com/systemd/systemd/blob/v262/src/shared/parse-helpers.c (parse_address_families)
 */
function passedOver(words: readonly string[], { systemd }: Context): readonly string[] {
  const at = systemd >= 262 ? words.findIndex(isUnknown) : -1;
  return at < 0 ? [] : words.slice(at);
}

/** Why a family is dangerous to allow; undefined where it is not known to be. */
export function reviewOfFamily(family: string): string | undefined {
  return dangerous.includes(family) ? 'a family that most daemons never need' : undefined;
}
