import { both, each, type ProbeFile } from '../probe.ts';

const acts = [
  'socket.sethostname(socket.gethostname())',
  "check(libc.setdomainname(b'x', 1))",
  'socket.gethostname()',
];
/** Under a name of its own it works, and the host's stays what it is. */
const [change = ''] = acts;

export default {
  directive: 'ProtectHostname',
  probes: [
    ...each('ProtectHostname=yes', acts.slice(0, 2)),
    ...both('ProtectHostname=yes', acts.slice(2)),
    ...each('ProtectHostname=no', acts.slice(0, 2)),
    ...each('ProtectHostname=private', [change]),
    ...each('ProtectHostname=yes:other', [change]),
    ...each(['ProtectHostname=yes', 'ProtectHostname=private:other'], [change]),
    ...each(['ProtectHostname=yes', 'ProtectHostname=no:other'], [change]),
  ],
} satisfies ProbeFile;
