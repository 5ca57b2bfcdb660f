import { both, each, type Probe, type ProbeFile, someUser } from '../probe.ts';

const write = "write('@/d/f')";
const link = "os.symlink('@/d', '@/link')";
const create = "create('@/d/n')";

/** A directory of that name, made before, and how a unit says it. */
function named(name: string, written: string, rest: Partial<Probe> = {}): Probe[] {
  const python = JSON.stringify(`@/${name}`);
  return ['read-write', 'read-only'].flatMap((kind) =>
    [undefined, someUser].map((user) => ({
      lines:
        kind === 'read-write'
          ? ['ProtectSystem=strict', `ReadWritePaths=${written}`]
          : [`ReadOnlyPaths=${written}`],
      before: `os.mkdir(${python}); os.chmod(${python}, 0o777)`,
      act: `create(${python} + '/n')`,
      ...(user === undefined ? {} : { user }),
      ...rest,
    })),
  );
}

export default {
  directive: 'ReadWritePaths, ReadOnlyPaths, InaccessiblePaths',
  probes: [
    ...both('ReadOnlyPaths=@/d', [write, create, "read('@/d/f')", "os.rename('@/d', '@/e')", "write('@/f')"]),
    ...each('ReadOnlyPaths=@/f', [
      "write('@/f')",
      "os.unlink('@/f')",
      "os.rename('@/g', '@/f')",
      "write('@/g')",
    ]),
    ...each(
      ['ReadOnlyPaths=@', 'ReadWritePaths=@/d'],
      [write, create, "write('@/f')", "os.rename('@/d/f', '@/d/n')", "os.rename('@/d/f', '@/n')"],
    ),
    ...each(['ReadOnlyPaths=@', 'ReadWritePaths=@/e'], ["os.rmdir('@/e')", "os.rename('@/e', '@/n')"], {
      before: "os.mkdir('@/e')",
    }),
    ...both(['ProtectSystem=strict', 'ReadWritePaths=@/d'], [write, "write('@/f')", "os.unlink('@/d/f')"]),
    ...each(
      ['ProtectSystem=strict', 'ReadWritePaths=@/f'],
      [
        "write('@/f')",
        "os.truncate('@/f', 0)",
        "os.chmod('@/f', 0o600)",
        "os.unlink('@/f')",
        "os.rename('@/g', '@/f')",
        "create('@/n')",
      ],
    ),
    ...both(
      ['ProtectSystem=strict', 'ReadWritePaths=@/d @/e'],
      ["os.rename('@/d/f', '@/e/f')", "os.link('@/d/f', '@/e/f')", "os.rename('@/d/f', '@/d/g')"],
      { before: "os.mkdir('@/e', 0o777)" },
    ),
    ...each(
      ['ProtectSystem=strict', 'ReadWritePaths=@'],
      ["os.rename('@/f', '@/d/n')", "os.link('@/f', '@/d/n')"],
    ),
    ...each(['ProtectSystem=strict', 'ReadWritePaths=@ @/d'], ["os.rename('@/f', '@/d/n')"]),
    ...each(['ProtectSystem=strict', 'ReadWritePaths=@/link'], ["write('@/f')", write, "write('@/link/f')"], {
      before: link,
    }),
    ...each(
      'ReadOnlyPaths=@/link',
      [write, "write('@/link/f')", "os.unlink('@/link'); os.symlink('@/d', '@/link')"],
      { before: link },
    ),
    ...each('InaccessiblePaths=@/link', ["read('@/d/f')", "read('@/link/f')", "os.stat('@/link')"], {
      before: link,
    }),
    ...each(['ReadOnlyPaths=@/d', 'ReadWritePaths=@/link'], [write], { before: link }),
    ...each(['ReadOnlyPaths=@', 'ReadWritePaths=@/link', 'NoExecPaths=@/d'], [write], { before: link }),
    ...each(
      ['ProtectSystem=strict', 'ReadWritePaths=/var/run'],
      ["create('/run/n#')", "create('/var/run/n#')"],
    ),
    ...each('ReadOnlyPaths=/var/run', ["create('/run/n#')", "create('/var/run/n#')"]),
    ...each('InaccessiblePaths=/var/run/dbus', [
      "os.stat('/run/dbus/system_bus_socket')",
      "os.stat('/var/run/dbus/system_bus_socket')",
    ]),
    ...each(['ProtectSystem=strict', 'ReadWritePaths=/'], ["write('@/f')"]),
    ...each(['ReadOnlyPaths=@', 'ReadWritePaths=@'], ["write('@/f')"]),
    {
      lines: ['ReadOnlyPaths=@/missing'],
      act: "read('@/f')",
      differs: {
        why: 'A unit that names a path which is missing does not start (226/NAMESPACE); a trace does not tell that it is.',
      },
    },
    ...each(['ReadOnlyPaths=-@/missing'], ["read('@/f')"]),
    ...each('ReadOnlyPaths=/proc', [
      "write('/proc/self/oom_score_adj', b'0')",
      "os.close(os.open('/proc/self/mem', os.O_RDWR))",
      "read('/proc/self/status')",
      "fd = os.open('@/f', os.O_RDWR); write('/proc/self/fd/%d' % fd); os.close(fd)",
    ]),
    ...each(
      ['ReadOnlyPaths=-/proc', 'ProtectProc=ptraceable', 'ProtectKernelTunables=yes'],
      ["os.close(os.open('/proc/self/mem', os.O_RDWR))", "write('/proc/self/comm', b'x')"],
    ),
    {
      lines: ['ReadOnlyPaths=/proc', 'PrivateUsers=yes'],
      act: "read('@/f')",
      differs: {
        why: 'systemd writes the ids of the user namespace to /proc when the mounts are made: the unit does not start (217/USER).',
      },
    },
    ...each(['ReadOnlyPaths=@/d', 'ReadOnlyPaths='], [write]),
    ...each(['ReadOnlyPaths=@/d/../d'], [write]),
    ...each(['ReadOnlyPaths=@//d/./'], [write]),
    ...each(['ReadOnlyPaths=d'], [write]),
    ...each(['ReadOnlyPaths=+@/d'], [write]),
    ...each('InaccessiblePaths=@/d', [
      "os.stat('@/d')",
      "os.stat('@/d/f')",
      "read('@/d/f')",
      create,
      "expect(os.listdir('@/d') != [])",
    ]),
    ...each('InaccessiblePaths=@/e', ["os.rmdir('@/e')"], { before: "os.mkdir('@/e')" }),
    ...each('InaccessiblePaths=@/d', ["os.stat('@/d')", "read('@/d/f')", create], { user: someUser }),
    ...each('InaccessiblePaths=@/f', [
      "expect(read('@/f') != b'')",
      "write('@/f')",
      "os.stat('@/f')",
      "os.unlink('@/f')",
    ]),
    ...each('InaccessiblePaths=@/f', ["read('@/f')", "os.stat('@/f')"], { user: someUser }),
    ...each(['InaccessiblePaths=@', 'ReadWritePaths=-@/d'], [write]),
    ...each('InaccessiblePaths=/run/dbus/system_bus_socket', [
      "opened(socket.AF_UNIX).connect('/run/dbus/system_bus_socket')",
      "os.stat('/run/dbus/system_bus_socket')",
    ]),
    ...each(
      'InaccessiblePaths=/run/dbus/system_bus_socket',
      ["opened(socket.AF_UNIX).connect('/run/dbus/system_bus_socket')"],
      { user: someUser },
    ),
    ...named('a b', '"@/a b"'),
    ...named('a b', '@/a\\ b'),
    ...named('a b', "'@/a b'"),
    ...named('per%cent', '@/per%%cent'),
    ...named('say "x"', '"@/say \\"x\\""'),
    ...named("it's", '"@/it\'s"'),
    ...named("it's", "@/it\\'s"),
    ...named('back\\slash', '@/back\\\\slash'),
    ...named('back\\slash', '"@/back\\\\slash"'),
    ...named('a\tb', '"@/a\tb"'),
    ...named('end ', '"@/end "'),
    ...named('co:lon', '@/co:lon'),
    ...named('semi;colon', '@/semi;colon'),
    ...named('num$ber', '@/num$ber'),
    ...named('st*r', '@/st*r'),
    ...named('x20', '@/\\x20'),
    ...named('täglich', '@/täglich'),
    ...named('nb\u00a0sp', '@/nb\u00a0sp'),
    ...named('dash', '-@/dash'),
    ...named('dash', '"-@/dash"'),
    ...named('dash', '-"@/dash"'),
  ],
} satisfies ProbeFile;
