import type { UnitLine } from '../../systemd/unit-text.ts';
import { bindOf, wordsOf } from '../../systemd/unit-words.ts';

/**
 * What undoes each setting that denies something. User=, Group=, capabilities, DynamicUser=, root directories and directories of
 * the unit's own are no part of it: they say as whom and where a daemon runs.
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#Sandboxing
 */
const undoing: ReadonlyMap<string, string> = new Map(
  Object.entries({
    AppArmorProfile: '',
    BindLogSockets: 'no',
    DeviceAllow: '',
    DevicePolicy: 'auto',
    ExecPaths: '',
    IPAddressAllow: '',
    IPAddressDeny: '',
    InaccessiblePaths: '',
    KeyringMode: 'shared',
    LimitFSIZE: 'infinity',
    LockPersonality: 'no',
    MemoryDenyWriteExecute: 'no',
    NoExecPaths: '',
    NoNewPrivileges: 'no',
    PrivateBPF: 'no',
    PrivateDevices: 'no',
    PrivateIPC: 'no',
    PrivateMounts: 'no',
    PrivateNetwork: 'no',
    PrivatePIDs: 'no',
    PrivateTmp: 'no',
    PrivateUsers: 'no',
    ProcSubset: 'all',
    ProtectClock: 'no',
    ProtectControlGroups: 'no',
    ProtectHome: 'no',
    ProtectHostname: 'no',
    ProtectKernelLogs: 'no',
    ProtectKernelModules: 'no',
    ProtectKernelTunables: 'no',
    ProtectProc: 'default',
    ProtectSystem: 'no',
    ReadOnlyPaths: '',
    ReadWritePaths: '',
    RestrictAddressFamilies: '',
    RestrictFileSystems: '',
    RestrictNamespaces: 'no',
    RestrictNetworkInterfaces: '',
    RestrictRealtime: 'no',
    RestrictSUIDSGID: 'no',
    SELinuxContext: '',
    SocketBindAllow: '',
    SocketBindDeny: '',
    SystemCallArchitectures: '',
    SystemCallErrorNumber: '',
    SystemCallFilter: '',
    SystemCallLog: '',
    TemporaryFileSystem: '',
  }),
);

const older: ReadonlyMap<string, string> = new Map([
  ['InaccessibleDirectories', 'InaccessiblePaths'],
  ['ReadOnlyDirectories', 'ReadOnlyPaths'],
  ['ReadWriteDirectories', 'ReadWritePaths'],
]);

const binds: ReadonlySet<string> = new Set(['BindPaths', 'BindReadOnlyPaths']);

const otherTrees: ReadonlySet<string> = new Set(['RootDirectory', 'RootImage', 'RootMStack']);

/** Assignments that take back, for the time of a trace, whatever of its own sandbox a service has set. */
export function liftSettings(lines: readonly UnitLine[], unit: string): [key: string, text: string][] {
  const own = lines.filter(({ section }) => section === 'Service');
  const keys = new Set(own.map(({ key }) => older.get(key) ?? key));
  const lifted = [...undoing].filter(([key]) => keys.has(key));
  // In another file tree a path means another file, so a bind of it brings the host's.
  const isOtherTree = own.some(({ key, text }) => otherTrees.has(key) && text !== '' && text !== '/');
  if (isOtherTree) return lifted;
  const kept = movingBinds(own, unit);
  if (own.some(({ key }) => binds.has(key))) lifted.push(['BindPaths', ''], ...kept);
  return lifted;
}

/** A bind of a path onto itself only says what may be written; one onto another path brings what the daemon looks for there. */
function movingBinds(lines: readonly UnitLine[], unit: string): [string, string][] {
  let kept: [string, string][] = [];
  for (const { key, text } of lines) {
    if (!binds.has(key)) continue;
    // Either key's empty assignment takes back both.
    if (text === '') kept = [];
    const moving = wordsOf(text, 'binds', { unit }).words.filter((word) => {
      const { source, destination } = bindOf(word);
      return source !== destination;
    });
    if (moving.length > 0) kept.push([key, text]);
  }
  return kept;
}
