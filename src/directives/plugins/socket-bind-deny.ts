import type { Endpoint, Profile } from '../../profile/profile.ts';
import type { Context } from '../context.ts';
import { type Assigned, directive, type Inferred } from '../directive.ts';
import type { Grant } from '../grant.ts';
import { isInternet } from '../internet-address.ts';
import { withoutBpf } from '../no-bpf.ts';
import { notAtLevel } from '../on-off.ts';
import { witness } from '../path-needs.ts';
import { unseenStart } from '../whole-trace.ts';

/** Rules of SocketBindDeny= and SocketBindAllow=: what one of the second allows passes. Without BPF neither does anything. */
export interface BindRulesValue {
  deny: string[];
  allow: string[];
  works: boolean;
}

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.resource-control.html#SocketBindAllow=bind-rule */
export const socketBindDeny = directive<BindRulesValue>({
  name: 'SocketBindDeny',
  since: 249,
  about: {
    denies: 'Binding other ports',
    when: 'No port was bound; with --network all ports but those that were, unless port 0 was',
    rules: 'network.md',
  },
  companions: ['SocketBindAllow'],
  observes: ['bind'],
  infer(profile, context) {
    const why = notAtLevel(context);
    if (why !== undefined) return why;
    const unseen = unseenStart(profile);
    if (unseen !== undefined) return `${unseen}, where ports are bound`;
    const binds = internetBinds(profile);
    const works = context.bpf !== false;
    if (binds.length === 0) {
      const reason = withoutBpf('No port was bound.', context);
      return { value: { deny: ['any'], allow: [], works }, reason, grants: [] };
    }
    if (context.network) return binds.some(({ port }) => port === 0) ? leftOut : onlyBound(binds, context);
    return binds.some(({ port }) => port === 0)
      ? 'it lets the kernel choose a port'
      : 'ports were bound (--network names them)';
  },
  read(unit, context) {
    const deny = rulesOf(unit('SocketBindDeny'));
    if (deny.length === 0) return undefined;
    return { deny, allow: rulesOf(unit('SocketBindAllow')), works: context.bpf !== false };
  },
  denies({ deny, allow, works }, behaviour) {
    if (!works || behaviour.kind !== 'endpoint' || behaviour.act !== 'bind') return undefined;
    const { family, port } = behaviour;
    const covers = (rule: string) => coversBind(rule, family, port);
    return isInternet(family) && deny.some(covers) && !allow.some(covers) ? 'EPERM' : undefined;
  },
  remedy(_value, behaviour) {
    const isNamed = behaviour.kind === 'endpoint' && behaviour.port !== 0;
    const words = isNamed ? [`${protocolOf(behaviour.family)}:${behaviour.port}`] : ['any'];
    return { how: 'add', assignment: { key: 'SocketBindAllow', words, style: 'plain' } };
  },
  ignores: (words) => (words.length === 1 && ruleOf(words[0] ?? '') !== undefined ? [] : [...words]),
  besides(value, unit) {
    if (value.deny.length === 0) return undefined;
    if (!unit.deny.includes('any')) return value;
    const shared = unit.allow.filter((rule) => isWithin(rule, value.allow));
    if (shared.length === unit.allow.length) return undefined;
    const allow = new Set([...value.allow.filter((rule) => isWithin(rule, unit.allow)), ...shared]);
    return { ...value, allow: [...allow] };
  },
  assignments({ deny, allow }) {
    if (deny.length === 0) return [];
    const line = (key: string, words: string[]) => ({ key, words, style: 'plain' as const });
    // An assignment holds one rule.
    const rules = allow.map((rule) => line('SocketBindAllow', [rule]));
    return [...deny.map((rule) => line('SocketBindDeny', [rule])), line('SocketBindAllow', []), ...rules];
  },
});

function internetBinds(profile: Profile): Endpoint[] {
  return profile.endpoints.filter(({ act, family }) => act === 'bind' && isInternet(family));
}

function protocolOf(family: string): string {
  return family === 'AF_INET6' ? 'ipv6' : 'ipv4';
}

/** What a trace shows of a socket does not tell TCP from UDP, so a rule names neither. */
function onlyBound(binds: readonly Endpoint[], context: Context): Inferred<BindRulesValue> {
  const grants = new Map<string, Grant>();
  for (const { family, address, port, evidence } of binds) {
    // Another run may be told to use the other kind of address.
    const value = context.level === 'minimal' ? `${protocolOf(family)}:${port}` : String(port);
    const grant = grants.get(value) ?? { value, witnesses: [], reason: 'bound', review: undefined };
    grant.witnesses.push(witness(`${address} port ${port}`, evidence));
    grants.set(value, grant);
  }
  const list = [...grants.values()].sort((a, b) => (a.value < b.value ? -1 : 1));
  return {
    value: { deny: ['any'], allow: list.map(({ value }) => value), works: context.bpf !== false },
    reason: withoutBpf('Other ports were not bound.', context),
    grants: list,
  };
}

const leftOut: Inferred<BindRulesValue> = {
  value: { deny: [], allow: [], works: false },
  reason: 'Left out: the daemon lets the kernel choose a port, and no rule can say that.',
  grants: [],
  warnings: [
    'SocketBindAllow= is left out: the daemon binds port 0 (the kernel chooses one), and no rule can say that.',
  ],
  isAdvice: true,
};

/** One rule in an assignment; an empty one forgets those before. */
function rulesOf(assigned: readonly Assigned[]): string[] {
  const rules: string[] = [];
  for (const { words } of assigned) {
    const [rule] = words;
    if (rule === undefined) rules.length = 0;
    else if (words.length === 1) rules.push(rule);
  }
  return rules;
}

/**
 * `[ipv4:|ipv6:][tcp:|udp:]PORT`, `…:FIRST-LAST`, a family or a protocol alone, or `any`. A rule for one protocol counts for
 * both, because the behaviour does not say which it is.
 * https://github.com/systemd/systemd/blob/v252/src/shared/parse-helpers.c (parse_socket_bind_item)
 */
function coversBind(text: string, family: string, port: number): boolean {
  const rule = ruleOf(text);
  if (rule === undefined || (rule.version !== undefined && rule.version !== protocolOf(family))) return false;
  return port >= rule.first && port <= rule.last;
}

/** Whether one of the rules covers all that this one does. */
function isWithin(text: string, rules: readonly string[]): boolean {
  const rule = ruleOf(text);
  return rules.some((other) => {
    const wide = ruleOf(other);
    if (rule === undefined || wide === undefined) return false;
    return (
      (wide.version ?? rule.version) === rule.version &&
      (wide.protocol ?? rule.protocol) === rule.protocol &&
      wide.first <= rule.first &&
      wide.last >= rule.last
    );
  });
}

interface BindRule {
  version: string | undefined;
  protocol: string | undefined;
  first: number;
  last: number;
}

/** Undefined for what systemd does not understand, and passes over. */
function ruleOf(text: string): BindRule | undefined {
  const match = /^(?:(ipv4|ipv6)(?::|$))?(?:(tcp|udp)(?::|$))?(?:any|(\d{1,5})(?:-(\d{1,5}))?)?$/.exec(text);
  if (match === null || text === '') return undefined;
  const [, version, protocol, from, to = from] = match;
  if (from === undefined) return { version, protocol, first: 0, last: 65535 };
  const [first, last] = [Number(from), Number(to)];
  return first > 0 && last <= 65535 && first <= last ? { version, protocol, first, last } : undefined;
}
