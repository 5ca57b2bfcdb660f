import { each, type ProbeFile, someUser } from '../probe.ts';

const unix = 'opened(socket.AF_UNIX)';
const inet = 'opened(socket.AF_INET)';
const inet6 = 'opened(socket.AF_INET6)';
const netlink = 'opened(socket.AF_NETLINK, socket.SOCK_RAW)';
const packet = 'opened(socket.AF_PACKET, socket.SOCK_RAW)';
const pair = 'socket.socketpair()';
const all = [unix, inet, inet6, netlink, packet, pair];
const key = 'RestrictAddressFamilies';

export default {
  directive: key,
  probes: [
    ...each(`${key}=AF_UNIX`, all),
    ...each(`${key}=AF_INET AF_INET6`, all),
    ...each(`${key}=none`, all),
    ...each(`${key}=~AF_PACKET`, [packet, inet]),
    ...each(`${key}=AF_INET`, [inet, unix], { user: someUser }),
    ...each(`${key}=AF_LOCAL`, [unix, inet]),
    ...each(`${key}=AF_NETLINK`, ['socket.if_nameindex()', netlink]),
    ...each(`${key}=AF_INET`, ['socket.if_nameindex()', "socket.getaddrinfo('127.0.0.1', 80)"]),
    ...each([`${key}=none`, `${key}=AF_UNIX`], [unix, inet]),
    ...each([`${key}=none`, `${key}=~AF_UNIX`], [unix, inet]),
    ...each([`${key}=AF_UNIX`, `${key}=none`], [unix]),
    ...each([`${key}=~AF_PACKET`, `${key}=AF_UNIX`], [packet, inet, unix]),
    ...each([`${key}=~AF_PACKET`, `${key}=AF_PACKET`], [packet]),
    ...each([`${key}=AF_UNIX AF_INET`, `${key}=~AF_INET`], [unix, inet]),
    ...each([`${key}=AF_UNIX`, `${key}=`], [inet]),
    // 262 passes over the rest of the line, too.
    ...each(`${key}=AF_BOGUS AF_INET`, [unix, inet]),
    ...each(`${key}=AF_UNIX AF_BOGUS AF_INET`, [unix, inet]),
    ...each(`${key}=~AF_BOGUS AF_INET`, [unix, inet]),
    ...each([`${key}=AF_UNIX`, `${key}=AF_BOGUS AF_INET`], [unix, inet]),
  ],
} satisfies ProbeFile;
