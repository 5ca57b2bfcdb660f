import { each, type ProbeFile, someUser } from '../probe.ts';

/** The program belongs to root and is set-user-ID; what it reads is for root alone. */
const before = [
  "shutil.copy('/usr/bin/cat', '@/cat')",
  "os.chmod('@/cat', 0o4755)",
  "open('@/secret', 'w').write('x\\n')",
  "os.chmod('@/secret', 0o600)",
].join('\n');
const reads = "run('@/cat', '@/secret')";

/** Each loads a filter, which until 254 implied NoNewPrivileges=yes for a unit with User=. */
const filters = [
  ['LockPersonality=yes'],
  ['LockPersonality=yes', 'NoNewPrivileges=no'],
  ['LockPersonality=yes', 'LockPersonality=no'],
  ['RestrictRealtime=yes'],
  ['RestrictSUIDSGID=yes'],
  ['MemoryDenyWriteExecute=yes'],
  ['PrivateDevices=yes'],
  ['ProtectClock=yes'],
  ['ProtectHostname=yes'],
  ['ProtectKernelLogs=yes'],
  ['ProtectKernelModules=yes'],
  ['ProtectKernelTunables=yes'],
  ['SystemCallArchitectures=native'],
  ['SystemCallLog=@system-service'],
  ['SystemCallFilter=~@mount'],
  ['SystemCallFilter=~@mount', 'SystemCallFilter='],
  ['RestrictAddressFamilies=~AF_PACKET'],
  ['RestrictAddressFamilies=none'],
  ['RestrictAddressFamilies=AF_UNIX', 'RestrictAddressFamilies='],
  ['RestrictNamespaces=yes'],
  ['RestrictNamespaces=~net'],
  ['RestrictNamespaces=no'],
  ['RestrictNamespaces=net', 'RestrictNamespaces='],
  ['LockPersonality=yes', 'PrivateUsers=yes'],
  // Since 255 these still imply it: they refuse what systemd would do after it has loaded them.
  ['SystemCallFilter=@system-service'],
  ['SystemCallFilter=@system-service', 'SystemCallFilter=~capset', 'SystemCallErrorNumber=EPERM'],
  ['SystemCallFilter=@system-service', 'SystemCallFilter=~capset:EPERM'],
  ['SystemCallFilter=~capget:EPERM'],
];

export default {
  directive: 'NoNewPrivileges',
  probes: [
    ...each('NoNewPrivileges=yes', [reads], { user: someUser, before }),
    ...each('NoNewPrivileges=no', [reads], { user: someUser, before }),
    ...each(
      'NoNewPrivileges=yes',
      [
        'child(lambda: os.setuid(1))',
        "os.chown('@/f', 1, 1)",
        "run('/usr/bin/true')",
        "as_user(lambda: run('@/cat', '@/secret'))",
      ],
      { before },
    ),
    ...filters.flatMap((lines) => each(lines, [reads], { user: someUser, before })),
    // Capabilities of the unit's own user come too late.
    ...each(['LockPersonality=yes', 'AmbientCapabilities=CAP_SYS_ADMIN'], [reads], {
      user: someUser,
      before,
    }),
    ...each('LockPersonality=yes', [reads], { user: 'root', before }),
    ...each('LockPersonality=yes', ["as_user(lambda: run('@/cat', '@/secret'))"], { before }),
    ...each('PrivateTmp=yes', [reads], { user: someUser, before }),
    ...each('ProtectSystem=strict', [reads], { user: someUser, before }),
  ],
} satisfies ProbeFile;
