import { both, each, type ProbeFile } from '../probe.ts';

const state = 'StateDirectory=probe-#';

export default {
  directive: 'RuntimeDirectory, StateDirectory and kin',
  probes: [
    ...both(['ProtectSystem=strict', state], ["create('@/n')", "os.rename('@/f', '@/d/n')"]),
    ...each(['ProtectSystem=strict', state], ["create('/var/lib/n#')"]),
    ...each([state, 'ReadOnlyPaths=@'], ["create('@/n')"]),
    ...each([state, 'ReadOnlyPaths=/var/lib'], ["create('@/n')", "create('/var/lib/n#')"]),
    ...each([state, 'InaccessiblePaths=/var/lib'], ["create('@/n')"]),
    ...each([`${state}/d`, 'ReadOnlyPaths=@'], ["create('@/d/n')", "create('@/n')"]),
    ...each(['ProtectSystem=strict', state, 'NoExecPaths=@'], ["run('@/prog')", "create('@/n')"]),
    ...each(['ProtectSystem=strict', 'StateDirectory=probe-#/d probe-#/e'], ["os.rename('@/d/f', '@/e/f')"], {
      before: "os.mkdir('@/e', 0o777)",
    }),
    ...each(['StateDirectory=probe-#/d probe-#/e'], ["os.rename('@/d/f', '@/e/f')"], {
      before: "os.mkdir('@/e', 0o777)",
    }),
    ...each(
      ['ProtectSystem=strict', 'RuntimeDirectory=n#', 'RuntimeDirectoryPreserve=yes'],
      ["open('/run/n#/f', 'w')", "open('/run/n#.pid', 'w')"],
      {
        before:
          "os.makedirs('/run/n#', exist_ok=True); os.path.exists('/run/n#.pid') and os.unlink('/run/n#.pid')",
      },
    ),
    // Read-only from 257 on; before, a link of that name.
    ...each(['ProtectSystem=strict', 'StateDirectory=probe-#::ro'], ["create('@/n')"]),
    ...each('CacheDirectory=probe-#', ["create('/var/cache/n#')"]),
    ...each(['ProtectSystem=strict', 'LogsDirectory=probe-#'], ["create('/var/log/n#')"]),
    ...['CacheDirectory /var/cache', 'LogsDirectory /var/log', 'RuntimeDirectory /run'].flatMap((pair) => {
      const [key, root] = pair.split(' ');
      const before = `os.makedirs('${root}/u#', exist_ok=True); os.chmod('${root}/u#', 0o777)`;
      return both(['ProtectSystem=strict', `${key}=u#`], [`create('${root}/u#/n')`], { before });
    }),
    ...both(['ProtectSystem=strict', 'ConfigurationDirectory=probe-#'], ["create('/etc/probe-#/n')"], {
      before: "os.makedirs('/etc/probe-#', exist_ok=True); os.chmod('/etc/probe-#', 0o777)",
    }),
    ...each(['ProtectSystem=strict', state, 'StateDirectory='], ["create('@/n')"]),
  ],
} satisfies ProbeFile;
