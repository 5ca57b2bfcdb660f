import { each, type ProbeFile } from '../probe.ts';

/** Root stays the owner of what systemd puts in the place of something else, but modes count for it. */
const none = 'CapabilityBoundingSet=';

export default {
  directive: 'Places, for root without capabilities',
  probes: [
    ...each(
      [none, 'TemporaryFileSystem=@'],
      ["os.mkdir('@/n')", "read('@/f')", "os.utime('@', (1, 1))", "os.chmod('@', 0o755)"],
    ),
    ...each(
      [none, 'TemporaryFileSystem=@:mode=0700'],
      ["os.mkdir('@/n')", "read('@/f')", "expect(os.listdir('@') != [])"],
    ),
    ...each(
      [none, 'InaccessiblePaths=@/d @/f'],
      [
        "os.stat('@/d')",
        "os.stat('@/d/f')",
        "os.listdir('@/d')",
        "os.chdir('@/d')",
        "create('@/d/n')",
        "read('@/f')",
        "write('@/f')",
        "os.chmod('@/f', 0o600)",
        "os.unlink('@/f')",
      ],
    ),
    ...each(
      [none, 'ProtectHome=yes'],
      ["os.stat('/home')", "os.stat('/home/probe')", "read('/home/probe/f')", "create('/home/probe/n#')"],
    ),
    ...each([none, 'ProtectHome=tmpfs'], ["read('/home/probe/f')"]),
    ...each(
      ['CapabilityBoundingSet=CAP_DAC_OVERRIDE', 'InaccessiblePaths=@/d'],
      ["os.stat('@/d/f')", "os.chdir('@/d')"],
    ),
    ...each(['SecureBits=noroot', 'InaccessiblePaths=@/d'], ["os.stat('@/d/f')", "os.chdir('@/d')"]),
    ...each(['PrivateUsers=yes', 'InaccessiblePaths=@/d'], ["os.stat('@/d/f')", "os.chdir('@/d')"]),
  ],
} satisfies ProbeFile;
