import { each, type ProbeFile, someUser } from '../probe.ts';

/** The program belongs to root and is set-user-ID; what it reads is for root alone. */
const before = [
  "shutil.copy('/usr/bin/cat', '@/cat')",
  "os.chmod('@/cat', 0o4755)",
  "open('@/secret', 'w').write('x\\n')",
  "os.chmod('@/secret', 0o600)",
].join('\n');
const reads = "run('@/cat', '@/secret')";

const implied = {
  why: 'Until 254 a filter for a unit with User= implied NoNewPrivileges=yes, which only check could meet: what we write sets it or sets no filter.',
  in: (version: number) => version < 255,
};

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
    // A filter for a user's unit implied it until 254.
    ...each('LockPersonality=yes', [reads], { user: someUser, before, differs: implied }),
    ...each('RestrictRealtime=yes', [reads], { user: someUser, before, differs: implied }),
    ...each('SystemCallFilter=~@mount', [reads], { user: someUser, before }),
    ...each(['LockPersonality=yes', 'NoNewPrivileges=no'], [reads], {
      user: someUser,
      before,
      differs: implied,
    }),
    ...each('LockPersonality=yes', ["as_user(lambda: run('@/cat', '@/secret'))"], { before }),
    ...each('PrivateTmp=yes', [reads], { user: someUser, before }),
    ...each('ProtectSystem=strict', [reads], { user: someUser, before }),
  ],
} satisfies ProbeFile;
