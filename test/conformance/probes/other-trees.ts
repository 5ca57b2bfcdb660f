import { both, each, type ProbeFile, someUser } from '../probe.ts';

const read = "read('@/d/f')";
const write = "write('@/d/f')";
const create = "create('@/d/n')";
const all = [read, write, create];
const makesFile = "open('@/n', 'w').write('data'); read('@/n'); os.chmod('@/n', 0o600); os.unlink('@/n')";
const makesDirectory = "os.mkdir('@/m'); create('@/m/n'); os.listdir('@/m'); os.rmdir('@/m')";
const runsOwn = "copy('/usr/bin/true', '@/n'); run('@/n'); os.unlink('@/n')";
const link = "os.symlink('@/d', '@/link')";

export default {
  directive: 'TemporaryFileSystem, BindPaths, BindReadOnlyPaths',
  probes: [
    ...each('TemporaryFileSystem=@', [...all, "os.stat('@')", "os.mkdir('@/n')"]),
    ...each('TemporaryFileSystem=@:ro', [...all, "os.mkdir('@/n')"]),
    ...each('TemporaryFileSystem=@', [read, "os.mkdir('@/n')"], { user: someUser }),
    ...each('TemporaryFileSystem=@:mode=1777', ["os.mkdir('@/n')"], { user: someUser }),
    ...both(['TemporaryFileSystem=@', 'BindPaths=@/d'], [...all, "write('@/f')"]),
    ...each(['TemporaryFileSystem=@', 'BindReadOnlyPaths=@/d'], [...all, "os.rename('@/d/f', '@/n')"]),
    ...each(['TemporaryFileSystem=@', 'ReadOnlyPaths=@'], [read, "write('@/f')"]),
    ...each(['ProtectSystem=strict', 'TemporaryFileSystem=/'], ["create('/usr/n#')", "read('@/f')"]),
    ...both('BindReadOnlyPaths=@/d', all),
    // Resetting either list resets both.
    ...each(['TemporaryFileSystem=@', 'BindPaths=@/d', 'BindReadOnlyPaths='], [read]),
    ...each(['TemporaryFileSystem=@', 'BindReadOnlyPaths=@/d', 'BindPaths='], [read]),
    ...each(
      ['TemporaryFileSystem=@', 'BindReadOnlyPaths=@/f', 'BindPaths=', 'BindPaths=@/d'],
      [read, "read('@/f')"],
    ),
    // What the daemon makes itself is there, whatever was there before.
    ...each('TemporaryFileSystem=@', [makesFile, makesDirectory, runsOwn]),
    ...each('TemporaryFileSystem=@:mode=1777', [makesFile, makesDirectory, runsOwn], { user: someUser }),
    ...each('TemporaryFileSystem=@:noexec', [makesFile, runsOwn]),
    ...each('TemporaryFileSystem=@:ro', [makesFile]),
    ...each(
      ['TemporaryFileSystem=@', 'BindPaths=@/d'],
      [runsOwn, "os.rename('@/d/f', '@/d/n'); os.rename('@/d/n', '@/d/f')"],
    ),
    // Links are followed, but for those that a tmpfs has hidden by then.
    ...each('BindReadOnlyPaths=@/g:@/link', ["write('@/f')", "write('@/link')"], {
      before: "os.symlink('@/f', '@/link')",
    }),
    ...each('BindReadOnlyPaths=@/d:@/link', [write, "write('@/link/f')"], { before: link }),
    ...each(
      ['TemporaryFileSystem=@', 'BindReadOnlyPaths=@/d:@/link'],
      ["read('@/link/f')", read, "write('@/link/f')"],
      { before: link },
    ),
    ...each(
      ['TemporaryFileSystem=@', 'BindReadOnlyPaths=@/link'],
      ["read('@/link/f')", read, "write('@/link/f')"],
      { before: link },
    ),
    ...each(
      ['TemporaryFileSystem=@', 'BindPaths=@/d', 'BindReadOnlyPaths=@/link'],
      ["read('@/link/f')", write],
      { before: link },
    ),
    ...each(['TemporaryFileSystem=@/link'], [read, "read('@/link/f')", "read('@/f')"], { before: link }),
    ...each(
      ['TemporaryFileSystem=/run', 'BindReadOnlyPaths=/var/run/dbus'],
      ["os.stat('/run/dbus')", "os.stat('/var/run/dbus')", "os.stat('/run/systemd/notify')"],
    ),
    ...both('BindReadOnlyPaths=@/g:@/f', ["write('@/f')", "write('@/g')", "read('@/f')"]),
    {
      lines: ['BindPaths=@/missing'],
      act: read,
      differs: {
        why: 'A unit that names a path which is missing does not start (226/NAMESPACE); a trace does not tell that it is.',
      },
    },
    ...each('BindPaths=-@/missing', [read]),
    ...each(['BindPaths=@/missing', 'BindReadOnlyPaths='], [read]),
    {
      lines: ['BindReadOnlyPaths="@/a:b"'],
      act: "write('@/a:b')",
      before: "open('@/a:b', 'w')",
      differs: {
        why: 'Quotes no longer keep a colon from parting the paths; what we write has a backslash before it.',
        in: (version) => version >= 262,
      },
    },
    ...each('BindReadOnlyPaths=@/a\\:b', ["write('@/a:b')"], { before: "open('@/a:b', 'w')" }),
    ...each('BindReadOnlyPaths="@/a b"', ["write('@/a b')"], { before: "open('@/a b', 'w')" }),
    ...each('BindReadOnlyPaths=@/a%%b', ["write('@/a%b')"], { before: "open('@/a%b', 'w')" }),
    ...each('NoExecPaths=@', ["run('@/prog')"], { unit: ['BindPaths=@'] }),
  ],
} satisfies ProbeFile;
