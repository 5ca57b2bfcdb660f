import { both, each, type ProbeFile, someUser } from '../probe.ts';

const read = "read('@/d/f')";
const write = "write('@/d/f')";
const create = "create('@/d/n')";
const all = [read, write, create];

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
