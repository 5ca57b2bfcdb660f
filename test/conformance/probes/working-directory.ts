import { each, type ProbeFile, someUser } from '../probe.ts';

const begins = ["os.stat('/')"];
const home = 'WorkingDirectory=/home/probe';
const own = 'WorkingDirectory=@/d';

/** systemd enters it inside the sandbox: where it can't, the unit does not start (200/CHDIR). */
export default {
  directive: 'WorkingDirectory',
  probes: [
    ...['yes', 'read-only', 'tmpfs'].flatMap((value) => each([`ProtectHome=${value}`, home], begins)),
    ...each(['ProtectHome=yes', home], begins, { user: someUser }),
    ...each(['ProtectHome=tmpfs', 'BindReadOnlyPaths=/home/probe', home], begins),
    ...each(['InaccessiblePaths=@', own], begins),
    ...each(['InaccessiblePaths=@/d', own], begins),
    ...each(['InaccessiblePaths=@/d', own], begins, { user: someUser }),
    ...each(['TemporaryFileSystem=@', own], begins),
    ...each(['TemporaryFileSystem=@', 'WorkingDirectory=-@/d'], begins),
    ...each(['TemporaryFileSystem=@', 'BindPaths=@/d', own], begins),
    ...each(['TemporaryFileSystem=@', own, 'WorkingDirectory='], begins),
    ...each(['PrivateTmp=yes', 'WorkingDirectory=/tmp/of-others-#'], begins, {
      before: "os.makedirs('/tmp/of-others-#', exist_ok=True)",
    }),
    ...each(['PrivateTmp=yes', 'WorkingDirectory=/tmp'], begins),
    ...each(['InaccessiblePaths=@/link', own], begins, { before: "os.symlink('@', '@/link')" }),
  ],
} satisfies ProbeFile;
