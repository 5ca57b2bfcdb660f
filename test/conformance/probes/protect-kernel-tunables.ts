import { each, type ProbeFile, someUser } from '../probe.ts';

export default {
  directive: 'ProtectKernelTunables',
  probes: [
    ...each('ProtectKernelTunables=yes', [
      "write('/proc/sys/net/ipv4/ip_forward', b'0')",
      "read('/proc/sys/kernel/ostype')",
      "os.close(os.open('/proc/irq/default_smp_affinity', os.O_WRONLY))",
      "write('/proc/self/oom_score_adj', b'0')",
      "write('/proc/self/comm', b'x')",
      "expect(read('/proc/kallsyms') != b'')",
      "os.mkdir('/sys/fs/cgroup/n#'); os.rmdir('/sys/fs/cgroup/n#')",
      "os.listdir('/sys')",
      "past('ENOSYS', lambda: call('sysctl', 0))",
    ]),
    ...each('ProtectKernelTunables=yes', ["read('/proc/sys/kernel/ostype')", "read('/proc/kallsyms')"], {
      user: someUser,
    }),
    ...each('ProtectKernelTunables=no', ["write('/proc/sys/net/ipv4/ip_forward', b'0')"]),
    ...each(
      ['ProtectKernelTunables=yes', 'ReadWritePaths=/proc/sys/net/ipv4/ip_forward'],
      ["write('/proc/sys/net/ipv4/ip_forward', b'0')"],
    ),
  ],
} satisfies ProbeFile;
