import { type Behaviour, type EndpointBehaviour, touching } from '../behaviour.ts';
import { isInternet, isLoopback, isWildcard, packetAddress } from '../internet-address.ts';
import { notForOthersPrograms, onOff } from '../on-off.ts';
import { isWhole } from '../whole-trace.ts';

/**
 * Sockets of these have nothing to do with a network. All others do, a mere socket too: what is asked through one with ioctl(2) or
 * netlink is about the host's interfaces, routes and devices, and a private network gives another answer.
 */
const local = new Set(['AF_UNIX', 'AF_ALG']);

/** What the kernel tells of the network lies here too. */
const places = [
  '/proc/net',
  '/proc/self/net',
  '/proc/[traced]/net',
  '/proc/1/net',
  '/proc/sys/net',
  '/sys/class/net',
];

/** A fresh /sys is mounted for the interfaces that it has: https://github.com/systemd/systemd/blob/v254/NEWS */
const sinceMounts = 254;

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#PrivateNetwork=
 *
 * A loopback interface of its own and nothing else. Sockets that systemd hands over, and sockets with a path, go on working.
 * https://man7.org/linux/man-pages/man7/network_namespaces.7.html
 */
export const privateNetwork = onOff({
  name: 'PrivateNetwork',
  since: 33,
  about: {
    denies: 'The network of the host, and abstract sockets',
    when: 'No socket but AF_UNIX and AF_ALG, no abstract socket, nothing asked about the network',
    rules: 'network.md',
  },
  observes: ['socket', 'bind', 'connect', 'sendto', 'sendmsg', 'sendmmsg'],
  levels: notForOthersPrograms,
  ownsMounts: ({ systemd }) => systemd >= sinceMounts,
  reason: 'No network was used, and no abstract socket; name lookups through local sockets go on working.',
  refuses: (behaviour) => (behaviour.kind === 'endpoint' ? refusal(behaviour) : undefined),
  forbids(profile, _context, plans) {
    if (!isWhole(profile)) return 'the trace does not show the start, where sockets are opened';
    if (plans.authenticates) return 'who may log in is perhaps asked from a server';
    const cause = plans.behaviours.find(concernsNetwork);
    return cause === undefined ? undefined : `it has to do with the network: ${nameOf(cause)}`;
  },
});

function refusal({ act, family, address, isOwn }: EndpointBehaviour): string | undefined {
  if (act === 'accept' || isOwn) return undefined;
  if (family === 'AF_UNIX') return act === 'bind' ? 'unreached by others' : 'ECONNREFUSED';
  const met = isInternet(family) ? packetAddress(address) : undefined;
  if (met === undefined) return undefined;
  if (act !== 'bind') return isLoopback(met) ? 'ECONNREFUSED' : 'ENETUNREACH';
  return isWildcard(address) || isLoopback(met) ? 'unreached by others' : 'EADDRNOTAVAIL';
}

function nameOf(behaviour: Behaviour): string {
  if (behaviour.kind === 'family') return `a socket of ${behaviour.family}`;
  return behaviour.kind === 'path' ? behaviour.path : behaviour.evidence.call;
}

/** Nothing of this is refused, but it would be about another network. */
function concernsNetwork(behaviour: Behaviour): boolean {
  if (behaviour.kind === 'family') return !local.has(behaviour.family);
  if (behaviour.kind === 'privileged') return behaviour.what.includes('CLONE_NEWNET');
  return touching(behaviour, places) !== undefined;
}
