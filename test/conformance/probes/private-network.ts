import { both, each, type ProbeFile } from '../probe.ts';

const acts = [
  "opened(socket.AF_INET).bind(('127.0.0.1', 20000 + #))",
  "opened(socket.AF_UNIX).connect('/run/dbus/system_bus_socket')",
  "opened(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'MESSAGE=x', '/run/systemd/journal/socket')",
  "opened(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 20000))",
];

export default {
  directive: 'PrivateNetwork, IPAddressDeny, SocketBindDeny, RestrictNetworkInterfaces',
  probes: [
    ...both('PrivateNetwork=yes', acts.slice(0, 3)),
    {
      lines: ['PrivateNetwork=yes'],
      act: acts[3] ?? '',
      differs: { why: 'A datagram may be sent where nobody listens, and nobody says so.' },
    },
    ...each('PrivateNetwork=no', acts),
    ...both('IPAddressDeny=any', acts),
    ...both('IPAddressDeny=localhost', acts.slice(3)),
    ...both('IPAddressDeny=link-local multicast', acts.slice(3)),
    ...each(['IPAddressDeny=any', 'IPAddressAllow=localhost'], acts.slice(3)),
    ...each(['IPAddressDeny=any', 'IPAddressAllow=127.0.0.0/8'], acts.slice(3)),
    ...each('IPAddressDeny=10.0.0.0/8', acts.slice(3)),
    ...each(['IPAddressDeny=any', 'IPAddressDeny='], acts.slice(3)),
    ...both('SocketBindDeny=any', acts.slice(0, 1)),
    ...each(['SocketBindDeny=any', 'SocketBindAllow=tcp:20000-30000'], acts.slice(0, 1)),
    {
      lines: ['SocketBindDeny=udp:20000-30000'],
      act: acts[0] ?? '',
      differs: {
        why: 'A profile tells address and port of an endpoint, and not its protocol.',
        in: (version) => version >= 257,
      },
    },
    // Of these the systemd of Debian 12 does nothing.
    ...both('RestrictNetworkInterfaces=lo', acts.slice(3)),
    ...both('RestrictNetworkInterfaces=~lo', acts),
    ...each('RestrictNetworkInterfaces=none-such', acts.slice(3)),
    ...each(['RestrictNetworkInterfaces=~lo', 'RestrictNetworkInterfaces=lo'], acts.slice(3)),
    ...each(['RestrictNetworkInterfaces=~lo', 'RestrictNetworkInterfaces='], acts.slice(3)),
  ],
} satisfies ProbeFile;
