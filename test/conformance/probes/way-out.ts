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

export default {
  directive: 'The way out through /run/systemd/private',
  probes: [
    ...each(tight, [asks, runs]),
    ...each([...tight, 'InaccessiblePaths=/run/systemd/private'], [asks, runs]),
    ...each([...tight, 'RestrictAddressFamilies=AF_INET'], [asks]),
    ...each([...tight, 'RestrictAddressFamilies=AF_UNIX'], [asks]),
  ],
} satisfies ProbeFile;
