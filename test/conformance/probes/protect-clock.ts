import { each, type ProbeFile } from '../probe.ts';

const acts = [
  "call('adjtimex', ctypes.create_string_buffer(256))",
  "call('clock_adjtime', 0, ctypes.create_string_buffer(256))",
  "call('settimeofday', 0, 0)",
  "call('timerfd_create', 8, 0)",
  "call('timerfd_create', 1, 0)",
  'time.time()',
];

export default {
  directive: 'ProtectClock',
  probes: [
    ...each('ProtectClock=yes', acts),
    ...each('ProtectClock=yes', [acts[0] ?? ''], { user: 'daemon' }),
    ...each('ProtectClock=no', acts.slice(0, 3)),
  ],
} satisfies ProbeFile;
