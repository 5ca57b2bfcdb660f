/** Lines of a unit, one directive each, whose effect on the attacks is measured one at a time. */
export interface ClosingLine {
  directive: string;
  /** What is to be set; a grant of the words after `=` opens it again. */
  line: string;
  /** Another line without which it closes nothing. */
  besides?: string;
}

const alone = [
  ...[
    'ProtectSystem=yes',
    'ProtectSystem=full',
    'ProtectSystem=strict',
    'ProtectHome=yes',
    'ProtectHome=read-only',
  ],
  ...[
    'ProtectHome=tmpfs',
    'PrivateTmp=yes',
    'PrivateDevices=yes',
    'DevicePolicy=closed',
    'PrivateNetwork=yes',
  ],
  ...[
    'PrivateIPC=yes',
    'PrivateUsers=yes',
    'PrivateMounts=yes',
    'ProtectKernelTunables=yes',
    'ProtectKernelModules=yes',
  ],
  ...['ProtectKernelLogs=yes', 'ProtectControlGroups=yes', 'ProtectClock=yes', 'ProtectHostname=yes'],
  ...['ProtectProc=invisible', 'ProcSubset=pid', 'NoNewPrivileges=yes'],
  ...['RestrictNamespaces=yes', 'LockPersonality=yes', 'RestrictRealtime=yes', 'RestrictSUIDSGID=yes'],
  ...[
    'MemoryDenyWriteExecute=yes',
    'SystemCallArchitectures=native',
    'KeyringMode=private',
    'CapabilityBoundingSet=',
  ],
  ...[
    'IPAddressDeny=any',
    'RestrictAddressFamilies=none',
    'SecureBits=noroot',
    'User=nobody',
    'DynamicUser=yes',
  ],
];

const capabilities = [
  ...['CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'KILL', 'SETGID', 'SETUID', 'SETPCAP'],
  ...[
    'LINUX_IMMUTABLE',
    'NET_BIND_SERVICE',
    'NET_ADMIN',
    'NET_RAW',
    'IPC_LOCK',
    'IPC_OWNER',
    'SYS_MODULE',
    'SYS_RAWIO',
  ],
  ...[
    'SYS_CHROOT',
    'SYS_PTRACE',
    'SYS_PACCT',
    'SYS_ADMIN',
    'SYS_BOOT',
    'SYS_NICE',
    'SYS_RESOURCE',
    'SYS_TIME',
    'MKNOD',
  ],
  ...[
    'LEASE',
    'AUDIT_CONTROL',
    'AUDIT_WRITE',
    'AUDIT_READ',
    'SETFCAP',
    'SYSLOG',
    'WAKE_ALARM',
    'PERFMON',
    'BPF',
  ],
  ...['SYS_TTY_CONFIG', 'BLOCK_SUSPEND', 'MAC_ADMIN', 'MAC_OVERRIDE'],
];

const families = ['UNIX', 'INET', 'INET6', 'NETLINK', 'PACKET', 'ALG', 'VSOCK', 'KEY', 'XDP'];

const calls = [
  ...[
    '@aio',
    '@chown',
    '@clock',
    '@cpu-emulation',
    '@debug',
    '@keyring',
    '@memlock',
    '@module',
    '@mount',
    '@raw-io',
  ],
  ...[
    '@reboot',
    '@resources',
    '@setuid',
    '@swap',
    '@network-io',
    '@ipc',
    '@privileged',
    'memfd_create',
    'userfaultfd',
  ],
  ...[
    'io_uring_setup',
    'bpf',
    'perf_event_open',
    'ptrace',
    'pidfd_getfd',
    'kcmp',
    'process_vm_readv',
    'process_vm_writev',
  ],
  ...[
    'fanotify_init',
    'open_by_handle_at',
    'personality',
    'syslog',
    'acct',
    'quotactl',
    'setns',
    'unshare',
    'chroot',
  ],
  ...[
    'kill',
    'clone3',
    'vhangup',
    'prlimit64',
    'mknodat',
    'sethostname',
    'setdomainname',
    'connect',
    'listen',
    'bind',
    'execveat',
    'socket',
  ],
];

const readOnly = [
  '/etc',
  '/usr',
  '/boot',
  '/srv',
  '/opt',
  '/home',
  '/root',
  '/run',
  '/run/systemd',
  '/var',
  '/dev',
  '/tmp',
  '/proc',
];

const hidden = [
  ...[
    '/boot',
    '/srv',
    '/opt',
    '/mnt',
    '/home',
    '/root',
    '/run/user',
    '/run/decoy',
    '/run/log/journal',
    '/run/credentials',
  ],
  ...[
    '/var/lib',
    '/var/cache',
    '/var/spool',
    '/var/log',
    '/var/backups',
    '/etc/shadow',
    '/etc/ssh',
    '/etc/ssl/private',
  ],
  ...[
    '/etc/decoy',
    '/dev/shm',
    '/tmp',
    '/run/systemd/private',
    '/run/dbus',
    '/run/systemd/userdb',
    '/run/systemd/journal',
  ],
  ...[
    '/run/udev',
    '/run/docker.sock',
    '/run/containerd',
    '/run/libvirt',
    '/run/snapd.socket',
    '/usr/lib/decoy',
  ],
];

const empty = [
  '/run',
  '/var/lib',
  '/var/cache',
  '/var/spool',
  '/var/log',
  '/dev/shm',
  '/home',
  '/root',
  '/srv',
  '/opt',
];

const notRun = ['/', '/tmp', '/var/tmp', '/dev/shm', '/dev', '/run', '/var', '/root', '/usr/bin'];

/** All that are measured: scripts/attack-closers.mjs. */
export const closingLines: readonly ClosingLine[] = [
  // For root /proc hides only what it may not trace.
  {
    directive: 'ProtectProc',
    line: 'ProtectProc=ptraceable',
    besides: 'CapabilityBoundingSet=~CAP_SYS_PTRACE',
  },
  // Either is enough to read.
  {
    directive: 'CapabilityBoundingSet',
    line: 'CapabilityBoundingSet=~CAP_DAC_OVERRIDE',
    besides: 'CapabilityBoundingSet=~CAP_DAC_READ_SEARCH',
  },
  {
    directive: 'CapabilityBoundingSet',
    line: 'CapabilityBoundingSet=~CAP_CHECKPOINT_RESTORE',
    besides: 'CapabilityBoundingSet=~CAP_SYS_ADMIN',
  },
  ...alone.map((line) => ({ directive: line.replace(/=.*/, ''), line })),
  ...listed('CapabilityBoundingSet', '~CAP_', capabilities),
  ...listed('RestrictAddressFamilies', '~AF_', families),
  ...listed('SystemCallFilter', '~', calls),
  ...listed('ReadOnlyPaths', '', readOnly),
  ...listed('InaccessiblePaths', '', hidden),
  ...empty.map((path) => ({ directive: 'TemporaryFileSystem', line: `TemporaryFileSystem=${path}:ro` })),
  ...listed('NoExecPaths', '', notRun),
];

function listed(directive: string, start: string, words: readonly string[]): ClosingLine[] {
  return words.map((word) => ({ directive, line: `${directive}=${start}${word}` }));
}
