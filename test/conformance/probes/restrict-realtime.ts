import { each, type ProbeFile, someUser } from '../probe.ts';

const policy = (name: string, priority: number) =>
  `os.sched_setscheduler(0, os.SCHED_${name}, os.sched_param(${priority}))`;
const attribute = "call('sched_setattr', 0, struct.pack('<IIQiIQQQ', 48, 1, 0, 0, 1, 0, 0, 0), 0)";

export default {
  directive: 'RestrictRealtime',
  probes: [
    ...each('RestrictRealtime=yes', [
      policy('FIFO', 1),
      policy('RR', 1),
      policy('BATCH', 0),
      policy('IDLE', 0),
      policy('OTHER', 0),
    ]),
    // Root with CAP_SYS_NICE gets by this way what is refused by the other.
    ...each('RestrictRealtime=yes', [attribute]),
    ...each(['RestrictRealtime=yes', 'CapabilityBoundingSet=~CAP_SYS_NICE'], [attribute]),
    {
      lines: ['RestrictRealtime=yes'],
      act: attribute,
      user: someUser,
      unit: ['AmbientCapabilities=CAP_SYS_NICE'],
      differs: {
        why: 'Others than root are let by a capability or by a limit; a log does not tell which, and the limit is taken away.',
      },
    },
    ...each('RestrictRealtime=no', [policy('FIFO', 1)]),
  ],
} satisfies ProbeFile;
