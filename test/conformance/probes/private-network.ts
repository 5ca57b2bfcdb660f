import { each, type ProbeFile } from '../probe.ts';

const acts = [
  "opened(socket.AF_INET).bind(('127.0.0.1', 20000 + #))",
  "opened(socket.AF_UNIX).connect('/run/dbus/system_bus_socket')",
  "opened(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'MESSAGE=x', '/run/systemd/journal/socket')",
  "opened(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 20000))",
];

export default {
  directive: 'PrivateNetwork, IPAddressDeny',
  probes: [
    ...each('PrivateNetwork=yes', acts.slice(0, 1), {
      differs: { why: 'Others can no longer connect to the port; who binds it does not notice.' },
    }),
    ...each('PrivateNetwork=yes', acts.slice(1, 3)),
    {
      lines: ['PrivateNetwork=yes'],
      act: acts[3] ?? '',
      differs: { why: 'A datagram may be sent where nobody listens, and nobody says so.' },
    },
    ...each('PrivateNetwork=no', acts.slice(0, 1)),
    ...each('IPAddressDeny=any', acts),
    ...each(['IPAddressDeny=any', 'IPAddressAllow=localhost'], acts.slice(3)),
    ...each(['IPAddressDeny=any', 'IPAddressAllow=127.0.0.0/8'], acts.slice(3)),
    ...each('IPAddressDeny=10.0.0.0/8', acts.slice(3)),
    ...each(['IPAddressDeny=any', 'IPAddressDeny='], acts.slice(3)),
    ...each('SocketBindDeny=any', acts.slice(0, 1)),
    ...each(['SocketBindDeny=any', 'SocketBindAllow=tcp:20000-30000'], acts.slice(0, 1)),
    {
      lines: ['SocketBindDeny=udp:20000-30000'],
      act: acts[0] ?? '',
      differs: {
        why: 'A profile tells address and port of an endpoint, and not its protocol.',
        in: (version) => version >= 257,
      },
    },
  ],
} satisfies ProbeFile;
