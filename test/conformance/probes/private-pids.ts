import { both, each, type ProbeFile } from '../probe.ts';

/** The number of a process that is none of the unit's. */
const before =
  "import subprocess; open('@/pid', 'wb').write(subprocess.check_output(['systemctl', 'show', '-P', 'MainPID', 'systemd-journald']))";
const sees = "os.stat('/proc/%d' % int(read('@/pid')))";
const signals = "os.kill(int(read('@/pid')), 0)";

export default {
  directive: 'PrivatePIDs',
  probes: [
    ...both(
      'PrivatePIDs=yes',
      [sees, "read('/proc/self/stat')", 'os.kill(os.getpid(), 0)', "run('/usr/bin/true')"],
      {
        before,
      },
    ),
    ...each('PrivatePIDs=yes', [signals], { before }),
    ...each('PrivatePIDs=no', [sees, signals], { before }),
    ...each('PrivatePIDs=yes', ["read('/proc/1/stat')"], {
      differs: {
        why: 'Number 1 is the daemon itself there; the model says of every number that it means another process.',
        in: (version) => version >= 257,
      },
    }),
  ],
} satisfies ProbeFile;
