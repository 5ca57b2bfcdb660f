import { each, type ProbeFile } from '../probe.ts';

/** uid 0 without any capability asks the system manager for a unit without a sandbox: its uid is all that counts there. */
const asks = "opened(socket.AF_UNIX).connect('/run/systemd/private')";
const runs = "run('/usr/bin/systemd-run', '--quiet', '--wait', '/usr/bin/true')";
const tight = [
  'CapabilityBoundingSet=',
  'ProtectSystem=strict',
  'NoNewPrivileges=yes',
  'RestrictNamespaces=yes',
  'MemoryDenyWriteExecute=yes',
  'SystemCallFilter=@system-service',
];
/** Seen with `strace -f systemd-run --quiet --wait /usr/bin/true`; by the model that one call is refused, and it is. */
const looksFirst = {
  why: 'systemd-run opens /proc/1/root to see whether it is in another file tree; where it may not, it goes on without.',
  in: (version: number) => version >= 262,
};

export default {
  directive: 'The way out through /run/systemd/private',
  probes: [
    ...each(tight, [asks]),
    ...each(tight, [runs], { differs: looksFirst }),
    ...each([...tight, 'InaccessiblePaths=/run/systemd/private'], [asks]),
    ...each([...tight, 'InaccessiblePaths=/run/systemd/private'], [runs], { differs: looksFirst }),
    ...each([...tight, 'RestrictAddressFamilies=AF_INET'], [asks]),
    ...each([...tight, 'RestrictAddressFamilies=AF_UNIX'], [asks]),
  ],
} satisfies ProbeFile;
