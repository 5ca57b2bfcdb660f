import { both, each, type ProbeFile, someUser } from '../probe.ts';

const runs = "run('@/prog')";
const acts = [
  runs,
  "expect(os.access('@/prog', os.X_OK))",
  "mapped('@/prog', RX)",
  "mapped('@/prog', mmap.PROT_READ)",
  "run('/bin/sh', '@/script')",
  "run('@/script')",
  "run('/usr/bin/true')",
];
const before = "open('@/script', 'w').write(chr(35) + '!/bin/sh\\nexit 0\\n'); os.chmod('@/script', 0o755)";
const interpreter = 'ExecPaths=/usr/bin /usr/lib -/usr/lib64 -/lib64';

export default {
  directive: 'ExecPaths, NoExecPaths',
  probes: [
    ...each('NoExecPaths=@', acts, { before }),
    ...each('NoExecPaths=@', [runs, "run('/bin/sh', '@/script')"], { before, user: someUser }),
    ...each('NoExecPaths=@/prog', [runs, "run('@/script')"], { before }),
    ...both(['NoExecPaths=@', 'ExecPaths=@/prog'], [runs, "run('@/script')"], { before }),
    ...each(['NoExecPaths=/', interpreter], [...acts.slice(0, 3), "run('/usr/bin/true')", 'thread()'], {
      before,
    }),
    ...each(['NoExecPaths=/', `${interpreter} @/script`], ["run('@/script')", runs], { before }),
    // It does not reach what has a mount of its own.
    ...each(
      ['NoExecPaths=/', interpreter, 'ProtectSystem=strict', 'ReadWritePaths=@'],
      [runs, "write('@/f')"],
      { before },
    ),
    ...each(
      ['NoExecPaths=/ @', interpreter, 'ProtectSystem=strict', 'ReadWritePaths=@'],
      [runs, "write('@/f')"],
      { before },
    ),
    ...each(
      ['NoExecPaths=/', interpreter, 'PrivateTmp=yes'],
      ["copy('/usr/bin/true', '/tmp/n#'); run('/tmp/n#'); os.unlink('/tmp/n#')"],
    ),
    ...each(
      ['NoExecPaths=/ /tmp', interpreter, 'PrivateTmp=yes'],
      ["copy('/usr/bin/true', '/tmp/n#'); run('/tmp/n#'); os.unlink('/tmp/n#')"],
    ),
    // It makes writable what a read-only parent had not, but for a read-only bind mount.
    ...both(['ProtectSystem=strict', 'ExecPaths=@'], ["write('@/f')", runs]),
    ...each(['ProtectSystem=strict', 'ExecPaths=@', 'ReadOnlyPaths=@'], ["write('@/f')"]),
    ...each(['ProtectSystem=strict', 'ExecPaths=@', 'BindReadOnlyPaths=@'], ["write('@/f')", runs]),
    ...each(['NoExecPaths=/', interpreter, 'ExecPaths=@', 'BindReadOnlyPaths=@'], ["write('@/f')", runs]),
  ],
} satisfies ProbeFile;
