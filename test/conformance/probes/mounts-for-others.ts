import { each, type ProbeFile } from '../probe.ts';

/** A file system that is mounted, and looked for in the table of the first process, who has the mounts of the host. */
const mounts =
  "call('mount', b'none', b'@/d', b'tmpfs', 0, 0); there = '@/d ' in open('/proc/1/mountinfo').read(); call('umount2', b'@/d', 2); expect(there)";
/** The same where nobody else would see it anyway. */
const own = `child(lambda: (call('unshare', 0x20000), call('mount', b'none', b'@/d', b'tmpfs', 0, 0)))`;

const owning = [
  'PrivateMounts=yes',
  'ProtectSystem=full',
  'ProtectHome=yes',
  'ReadOnlyPaths=/opt',
  'NoExecPaths=/opt',
  'TemporaryFileSystem=/mnt',
  'BindReadOnlyPaths=/opt',
  'PrivateTmp=yes',
  'PrivateDevices=yes',
  'PrivateIPC=yes',
  'ProtectKernelTunables=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelLogs=yes',
  'ProtectControlGroups=yes',
  'ProtectProc=invisible',
  'ProcSubset=pid',
  'PrivateNetwork=yes',
  'MountAPIVFS=yes',
];
const sharing = [
  'PrivateMounts=no',
  'ProtectSystem=no',
  'ProtectProc=default',
  'ProtectClock=yes',
  'ProtectHostname=yes',
  'StateDirectory=probe-#',
  'NoNewPrivileges=yes',
  'RestrictNamespaces=yes',
  'KeyringMode=private',
  'UMask=0077',
];

export default {
  directive: 'Mounts for others',
  probes: [
    ...[...owning, ...sharing].flatMap((line) => each(line, [mounts])),
    ...each('PrivateMounts=yes', [own]),
    ...each(['ProtectSystem=full', 'ProtectSystem=no'], [mounts]),
  ],
} satisfies ProbeFile;
