import { directive } from '../directive.ts';
import type { Grant } from '../grant.ts';
import { isInternet, isLoopback, isWildcard, packetAddress } from '../internet-address.ts';
import { withoutBpf } from '../no-bpf.ts';
import { notAtLevel } from '../on-off.ts';
import { witness } from '../path-needs.ts';
import { polarList } from '../unit-values.ts';
import { unseenStart } from '../whole-trace.ts';

export interface InterfacesValue {
  mode: 'allow' | 'deny';
  names: string[];
  works: boolean;
}

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.resource-control.html#RestrictNetworkInterfaces=
 *
 * Which interface a packet takes no trace tells, but for the loopback addresses.
 */
export const restrictNetworkInterfaces = directive<InterfacesValue>({
  name: 'RestrictNetworkInterfaces',
  since: 250,
  about: {
    denies: 'Packets through other interfaces',
    when: 'Only with --network, where all addresses were loopback ones',
    rules: 'network.md',
  },
  observes: ['bind', 'connect', 'sendto', 'sendmsg', 'sendmmsg', 'accept', 'accept4'],
  infer(profile, context) {
    const why = notAtLevel(context) ?? unseenStart(profile);
    if (why !== undefined) return why;
    if (!context.network) return 'only with --network';
    const met = profile.endpoints.filter(({ family }) => isInternet(family));
    if (met.length === 0) return 'no internet address was met';
    const outside = met.find(({ act, address }) => {
      const packet = packetAddress(address);
      return packet === undefined || !isLoopback(packet) || (act === 'bind' && isWildcard(address));
    });
    if (outside !== undefined)
      return `through which interface ${JSON.stringify(outside.address)} is reached no trace tells`;
    // A bind alone sends nothing; it is no witness of the interface.
    const witnesses = met
      .filter(({ act }) => act !== 'bind')
      .map(({ address, evidence }) => witness(address, evidence));
    const grant: Grant = { value: 'lo', witnesses, reason: 'all addresses are its own', review: undefined };
    return {
      value: { mode: 'allow', names: ['lo'], works: context.bpf !== false },
      reason: withoutBpf('Everything stayed on the loopback interface.', context),
      grants: [grant],
    };
  },
  read(unit, context) {
    const list = polarList(unit('RestrictNetworkInterfaces'), (word) => [word]);
    return list === undefined
      ? undefined
      : { mode: list.mode, names: [...list.names], works: context.bpf !== false };
  },
  denies({ mode, names, works }, behaviour) {
    if (!works || behaviour.kind !== 'endpoint' || behaviour.act === 'bind') return undefined;
    const peer = isInternet(behaviour.family) ? packetAddress(behaviour.address) : undefined;
    if (peer === undefined) return undefined;
    const passesLoopback = names.includes('lo') === (mode === 'allow');
    // Of other addresses the interface is not known: they are lost only where no other is left.
    const passesOutside = mode === 'deny' || names.some((name) => name !== 'lo');
    if (isLoopback(peer) ? passesLoopback : passesOutside) return undefined;
    return { accept: 'unreached by others', connect: 'hangs', send: 'EPERM' }[behaviour.act];
  },
  remedy({ mode }) {
    const assignment = { key: 'RestrictNetworkInterfaces', words: [], style: 'plain' as const };
    return { how: mode === 'allow' ? 'add' : 'take out', assignment };
  },
  besides(value, unit) {
    // Where the unit closes the loopback interface nothing is left, and no list says that.
    const passesLoopback = unit.names.includes('lo') === (unit.mode === 'allow');
    const isWithin = unit.mode === 'allow' && unit.names.every((name) => value.names.includes(name));
    return isWithin || !passesLoopback ? undefined : value;
  },
  assignments({ names }) {
    const line = (words: string[]) => ({ key: 'RestrictNetworkInterfaces', words, style: 'plain' as const });
    return [line([]), line(names)];
  },
});
