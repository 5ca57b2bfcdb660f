import type { Directive } from './directive.ts';
import { ambientCapabilities } from './plugins/ambient-capabilities.ts';
import { bindPaths } from './plugins/bind-paths.ts';
import { bindReadOnlyPaths } from './plugins/bind-read-only-paths.ts';
import { cacheDirectory } from './plugins/cache-directory.ts';
import { capabilityBoundingSet } from './plugins/capability-bounding-set.ts';
import { configurationDirectory } from './plugins/configuration-directory.ts';
import { delegate } from './plugins/delegate.ts';
import { devicePolicy } from './plugins/device-policy.ts';
import { dynamicUser } from './plugins/dynamic-user.ts';
import { execPaths } from './plugins/exec-paths.ts';
import { inaccessiblePaths } from './plugins/inaccessible-paths.ts';
import { ipAddressDeny } from './plugins/ip-address-deny.ts';
import { keyringMode } from './plugins/keyring-mode.ts';
import { loadCredential } from './plugins/load-credential.ts';
import { lockPersonality } from './plugins/lock-personality.ts';
import { logsDirectory } from './plugins/logs-directory.ts';
import { memoryDenyWriteExecute } from './plugins/memory-deny-write-execute.ts';
import { mountApiVfs } from './plugins/mount-api-vfs.ts';
import { noExecPaths } from './plugins/no-exec-paths.ts';
import { noNewPrivileges } from './plugins/no-new-privileges.ts';
import { notifyAccess } from './plugins/notify-access.ts';
import { privateDevices } from './plugins/private-devices.ts';
import { privateIpc } from './plugins/private-ipc.ts';
import { privateMounts } from './plugins/private-mounts.ts';
import { privateNetwork } from './plugins/private-network.ts';
import { privatePids } from './plugins/private-pids.ts';
import { privateTmp } from './plugins/private-tmp.ts';
import { privateUsers } from './plugins/private-users.ts';
import { procSubset } from './plugins/proc-subset.ts';
import { protectClock } from './plugins/protect-clock.ts';
import { protectControlGroups } from './plugins/protect-control-groups.ts';
import { protectHome } from './plugins/protect-home.ts';
import { protectHostname } from './plugins/protect-hostname.ts';
import { protectKernelLogs } from './plugins/protect-kernel-logs.ts';
import { protectKernelModules } from './plugins/protect-kernel-modules.ts';
import { protectKernelTunables } from './plugins/protect-kernel-tunables.ts';
import { protectProc } from './plugins/protect-proc.ts';
import { protectSystem } from './plugins/protect-system.ts';
import { readOnlyPaths } from './plugins/read-only-paths.ts';
import { readWritePaths } from './plugins/read-write-paths.ts';
import { removeIpc } from './plugins/remove-ipc.ts';
import { restrictAddressFamilies } from './plugins/restrict-address-families.ts';
import { restrictFileSystems } from './plugins/restrict-file-systems.ts';
import { restrictNamespaces } from './plugins/restrict-namespaces.ts';
import { restrictNetworkInterfaces } from './plugins/restrict-network-interfaces.ts';
import { restrictRealtime } from './plugins/restrict-realtime.ts';
import { restrictSuidSgid } from './plugins/restrict-suid-sgid.ts';
import { rootDirectory } from './plugins/root-directory.ts';
import { rootImage } from './plugins/root-image.ts';
import { runtimeDirectory } from './plugins/runtime-directory.ts';
import { secureBits } from './plugins/secure-bits.ts';
import { socketBindDeny } from './plugins/socket-bind-deny.ts';
import { stateDirectory } from './plugins/state-directory.ts';
import { supplementaryGroups } from './plugins/supplementary-groups.ts';
import { systemCallArchitectures } from './plugins/system-call-architectures.ts';
import { systemCallErrorNumber } from './plugins/system-call-error-number.ts';
import { systemCallFilter } from './plugins/system-call-filter.ts';
import { systemCallLog } from './plugins/system-call-log.ts';
import { temporaryFileSystem } from './plugins/temporary-file-system.ts';
import { umask } from './plugins/umask.ts';
import { user } from './plugins/user.ts';

/** Every directive, in the order in which a drop-in shows them. */
export const directives: readonly Directive[] = [
  systemCallFilter,
  systemCallErrorNumber,
  systemCallArchitectures,
  systemCallLog,
  restrictAddressFamilies,
  privateNetwork,
  ipAddressDeny,
  socketBindDeny,
  restrictNetworkInterfaces,
  protectSystem,
  readWritePaths,
  runtimeDirectory,
  stateDirectory,
  cacheDirectory,
  logsDirectory,
  configurationDirectory,
  readOnlyPaths,
  temporaryFileSystem,
  mountApiVfs,
  bindPaths,
  inaccessiblePaths,
  execPaths,
  bindReadOnlyPaths,
  noExecPaths,
  protectHome,
  privateTmp,
  privateDevices,
  devicePolicy,
  restrictFileSystems,
  privateMounts,
  privateIpc,
  privateUsers,
  privatePids,
  protectKernelTunables,
  protectKernelModules,
  protectKernelLogs,
  protectControlGroups,
  protectClock,
  protectHostname,
  protectProc,
  procSubset,
  capabilityBoundingSet,
  ambientCapabilities,
  secureBits,
  noNewPrivileges,
  restrictNamespaces,
  lockPersonality,
  restrictRealtime,
  restrictSuidSgid,
  memoryDenyWriteExecute,
  keyringMode,
  removeIpc,
  umask,
  notifyAccess,
  user,
  supplementaryGroups,
  dynamicUser,
  loadCredential,
  delegate,
  rootDirectory,
  rootImage,
];
