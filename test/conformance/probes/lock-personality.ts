import { each, type ProbeFile, someUser } from '../probe.ts';

const asks = "call('personality', 0xffffffff)";
const changes = "call('personality', 0x0040000)";

export default {
  directive: 'LockPersonality',
  probes: [
    ...each('LockPersonality=yes', [asks, changes]),
    ...each('LockPersonality=yes', [asks], { user: someUser }),
    ...each('LockPersonality=no', [asks, changes]),
    // The personality that is there may be set again.
    ...each('LockPersonality=yes', [
      "call('personality', 0)",
      "call('personality', 0); call('personality', 8)",
    ]),
  ],
} satisfies ProbeFile;
