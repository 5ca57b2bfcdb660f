import { each, type ProbeFile, someUser } from '../probe.ts';

const acts = [
  "call('syslog', 10, 0, 0)",
  "os.close(os.open('/dev/kmsg', os.O_WRONLY))",
  "os.close(os.open('/dev/kmsg', os.O_RDONLY | os.O_NONBLOCK))",
  "os.stat('/dev/kmsg')",
  "expect(os.fstat(os.open('/proc/kmsg', os.O_RDONLY | os.O_NONBLOCK)).st_dev == os.stat('/proc').st_dev)",
  "opened(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'<14>probe', '/run/systemd/journal/dev-log')",
];

export default {
  directive: 'ProtectKernelLogs',
  probes: [
    ...each('ProtectKernelLogs=yes', acts),
    ...each('ProtectKernelLogs=yes', [acts[3] ?? '', acts[5] ?? ''], { user: someUser }),
    ...each('ProtectKernelLogs=no', acts.slice(0, 2)),
  ],
} satisfies ProbeFile;
