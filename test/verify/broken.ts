import { type Act, peer, state, tool } from './tried-unit.ts';

/** A drop-in that is broken in one known way. */
export interface Broken {
  said: string;
  /** What shows it. */
  use: readonly Act[];
  /** Lines of which the lifting consists, a word each. */
  lifted: string[];
  /** Where the daemon, or whoever asks it, does not live to see what else is refused. */
  isAlone?: boolean;
}

export const broken: readonly Broken[] = [
  {
    said: 'SystemCallFilter=@system-service\nSystemCallFilter=~@chown\nSystemCallErrorNumber=EPERM',
    use: ['owner'],
    lifted: ['SystemCallFilter=chown'],
  },
  {
    said: 'RestrictAddressFamilies=AF_INET AF_UNIX',
    use: ['family'],
    lifted: ['RestrictAddressFamilies=AF_INET6'],
  },
  { said: `ReadOnlyPaths=${state}`, use: ['write'], lifted: [`ReadOnlyPaths=${state}`], isAlone: true },
  {
    said: 'NoExecPaths=/\nExecPaths=/usr/bin /usr/lib /lib64 /lib',
    use: ['run'],
    lifted: [`ExecPaths=${tool}`, `BindReadOnlyPaths=${tool}`],
  },
  { said: `InaccessiblePaths=${peer}`, use: ['peer'], lifted: [`InaccessiblePaths=${peer}`] },
  {
    said: 'CapabilityBoundingSet=~CAP_CHOWN',
    use: ['owner'],
    lifted: ['CapabilityBoundingSet=CAP_CHOWN'],
    isAlone: true,
  },
  { said: 'ProtectHome=yes', use: ['home'], lifted: ['ProtectHome=no'] },
  { said: 'MemoryDenyWriteExecute=yes', use: ['code'], lifted: ['MemoryDenyWriteExecute=no'] },
  { said: 'RestrictNamespaces=yes', use: ['namespace'], lifted: ['RestrictNamespaces=mnt'] },
  { said: 'ProcSubset=pid', use: ['memory'], lifted: ['ProcSubset=all'] },
  { said: 'RestrictSUIDSGID=yes', use: ['set-id'], lifted: ['RestrictSUIDSGID=no'] },
  { said: 'RestrictRealtime=yes', use: ['realtime'], lifted: ['RestrictRealtime=no'] },
  { said: 'ProtectHostname=yes', use: ['hostname'], lifted: ['ProtectHostname=no'] },
  { said: 'PrivateNetwork=yes', use: ['family'], lifted: ['PrivateNetwork=no'], isAlone: true },
  { said: 'IPAddressDeny=any', use: ['family'], lifted: ['IPAddressAllow=localhost'], isAlone: true },
  {
    said: 'TemporaryFileSystem=/usr/local',
    use: ['run'],
    lifted: ['BindReadOnlyPaths=/usr/local/lib/sandbox-profile-tried'],
    isAlone: true,
  },
  { said: 'PrivateUsers=yes', use: ['owner'], lifted: ['PrivateUsers=no'], isAlone: true },
  {
    said: 'SystemCallFilter=@basic-io',
    use: ['family'],
    lifted: ['SystemCallFilter=socket', 'SystemCallFilter=openat'],
    isAlone: true,
  },
  { said: 'User=nobody', use: ['owner'], lifted: ['User=nobody'], isAlone: true },
  { said: 'RootDirectory=/srv', use: ['family'], lifted: ['RootDirectory=/srv'], isAlone: true },
];
