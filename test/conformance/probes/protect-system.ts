import { each, type ProbeFile, someUser } from '../probe.ts';

const everywhere = [
  "create('/usr/n#')",
  "create('/etc/n#')",
  "create('/var/lib/n#')",
  "create('/run/n#')",
  "create('/home/n#')",
  "create('/dev/shm/n#')",
];

export default {
  directive: 'ProtectSystem',
  probes: [
    ...['yes', 'full', 'strict', 'no'].flatMap((value) => each(`ProtectSystem=${value}`, everywhere)),
    ...each('ProtectSystem=strict', [
      "write('@/f')",
      "make_directory('@/n')",
      "os.chmod('@/f', 0o600)",
      "os.chown('@/f', 1, 1)",
      "os.utime('@/f')",
      "os.setxattr('@/f', 'trusted.x', b'1')",
      "os.unlink('@/g')",
      "os.rename('@/f', '@/n')",
      "os.link('@/f', '@/n')",
      "os.symlink('f', '@/n')",
      "os.truncate('@/f', 0)",
      "os.mkfifo('@/n')",
      "socket.socket(socket.AF_UNIX).bind('@/n')",
      "read('@/f')",
      "write('/dev/null')",
      "run('@/prog')",
    ]),
    ...each('ProtectSystem=strict', ["write('@/f')", "create('@/n')", "create('/tmp/n#')"], {
      user: someUser,
    }),
    // A socket is connected to, not written, where it lies.
    {
      lines: ['ProtectSystem=strict'],
      before: "import socket; socket.socket(socket.AF_UNIX).bind('@/s'); os.chmod('@/s', 0o777)",
      act: "expect(os.access('@/s', os.W_OK))",
    },
    // Until 255 /lib is named, too, which leads to /usr/lib.
    ...each(['ProtectSystem=full', 'ReadWritePaths=/usr/lib'], ["create('/usr/lib/n#')"]),
    ...each(['ProtectSystem=full', 'ReadWritePaths=/usr/share'], ["create('/usr/share/n#')"]),
    { lines: ['ProtectSystem=strict', 'ProtectSystem=bogus'], act: "write('@/f')" },
    { lines: ['ProtectSystem=strict', 'ProtectSystem='], act: "write('@/f')" },
    { lines: ['ProtectSystem=strict', 'ProtectSystem=no'], act: "write('@/f')" },
  ],
} satisfies ProbeFile;
