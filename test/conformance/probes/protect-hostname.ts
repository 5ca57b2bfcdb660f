import { both, each, type ProbeFile } from '../probe.ts';

const acts = [
  'socket.sethostname(socket.gethostname())',
  "check(libc.setdomainname(b'x', 1))",
  'socket.gethostname()',
];

export default {
  directive: 'ProtectHostname',
  probes: [
    ...each('ProtectHostname=yes', acts.slice(0, 2)),
    ...both('ProtectHostname=yes', acts.slice(2)),
    ...each('ProtectHostname=no', acts.slice(0, 2)),
  ],
} satisfies ProbeFile;
