/**
 * Every key that a systemd up to 262 takes in [Service], and those of which it says only that they are gone. From what
 * `/usr/lib/systemd/systemd --dump-configuration-items` prints (252), and for later ones from
 * https://github.com/systemd/systemd/blob/main/src/core/load-fragment-gperf.gperf.in
 */
export const serviceKeys: ReadonlySet<string> = new Set(
  `
    AllowedCPUs AllowedMemoryNodes AmbientCapabilities AppArmorProfile BPFDelegateAttachments
    BPFDelegateCommands BPFDelegateMaps BPFDelegatePrograms BPFProgram BindLogSockets BindPaths
    BindReadOnlyPaths BlockIOAccounting BlockIODeviceWeight BlockIOReadBandwidth BlockIOWeight
    BlockIOWriteBandwidth BusName BusPolicy CPUAccounting CPUAffinity CPUQuota CPUQuotaPeriodSec
    CPUSchedulingPolicy CPUSchedulingPriority CPUSchedulingResetOnFork CPUShares CPUWeight CacheDirectory
    CacheDirectoryAccounting CacheDirectoryMode CacheDirectoryQuota Capabilities CapabilityBoundingSet
    ConfigurationDirectory ConfigurationDirectoryMode CoredumpFilter CoredumpReceive DefaultMemoryLow
    DefaultMemoryMin DefaultStartupMemoryLow Delegate DelegateNamespaces DelegateSubgroup DeviceAllow
    DevicePolicy DisableControllers DynamicUser Environment EnvironmentFile ExecCondition ExecPaths
    ExecReload ExecReloadPost ExecSearchPath ExecStart ExecStartPost ExecStartPre ExecStop ExecStopPost
    ExitType ExtensionDirectories ExtensionImagePolicy ExtensionImages FailureAction FileDescriptorStoreMax
    FileDescriptorStorePreserve FinalKillSignal Group GuessMainPID IOAccounting IODeviceLatencyTargetSec
    IODeviceWeight IOReadBandwidthMax IOReadIOPSMax IOSchedulingClass IOSchedulingPriority IOWeight
    IOWriteBandwidthMax IOWriteIOPSMax IPAccounting IPAddressAllow IPAddressDeny IPCNamespacePath
    IPEgressFilterPath IPIngressFilterPath IgnoreSIGPIPE ImportCredential InaccessibleDirectories
    InaccessiblePaths KeyringMode KillMode KillSignal LandlockConfig LimitAS LimitCORE LimitCPU LimitDATA
    LimitFSIZE LimitLOCKS LimitMEMLOCK LimitMSGQUEUE LimitNICE LimitNOFILE LimitNPROC LimitRSS LimitRTPRIO
    LimitRTTIME LimitSIGPENDING LimitSTACK LoadCredential LoadCredentialEncrypted LockPersonality
    LogExtraFields LogFilterPatterns LogLevelMax LogNamespace LogRateLimitBurst LogRateLimitIntervalSec
    LogsDirectory LogsDirectoryAccounting LogsDirectoryMode LogsDirectoryQuota ManagedOOMMemoryPressure
    ManagedOOMMemoryPressureDurationSec ManagedOOMMemoryPressureLimit ManagedOOMPreference ManagedOOMSwap
    MemoryAccounting MemoryDenyWriteExecute MemoryHigh MemoryKSM MemoryLimit MemoryLow MemoryMax MemoryMin
    MemoryPressureThresholdSec MemoryPressureWatch MemorySwapMax MemoryZSwapMax MemoryZSwapWriteback
    MountAPIVFS MountFlags MountImagePolicy MountImages NFTSet NUMAMask NUMAPolicy NetClass
    NetworkNamespacePath Nice NoExecPaths NoNewPrivileges NonBlocking NotifyAccess OOMPolicy OOMScoreAdjust
    OpenFile PAMName PIDFile PassEnvironment PermissionsStartOnly Personality PrivateBPF PrivateDevices
    PrivateIPC PrivateMounts PrivateNetwork PrivatePIDs PrivateTmp PrivateUsers ProcSubset ProtectClock
    ProtectControlGroups ProtectHome ProtectHostname ProtectKernelLogs ProtectKernelModules
    ProtectKernelTunables ProtectProc ProtectSystem ReadOnlyDirectories ReadOnlyPaths ReadWriteDirectories
    ReadWritePaths RebootArgument RefreshOnReload ReloadSignal RemainAfterExit RemoveIPC Restart
    RestartForceExitStatus RestartKillSignal RestartMaxDelaySec RestartMode RestartPreventExitStatus
    RestartSec RestartSteps RestrictAddressFamilies RestrictFileSystems RestrictNamespaces
    RestrictNetworkInterfaces RestrictRealtime RestrictSUIDSGID RootDirectory RootDirectoryStartOnly
    RootEphemeral RootHash RootHashSignature RootImage RootImageOptions RootImagePolicy RootMStack
    RootVerity RuntimeDirectory RuntimeDirectoryMode RuntimeDirectoryPreserve RuntimeMaxSec
    RuntimeRandomizedExtraSec SELinuxContext SecureBits SendSIGHUP SendSIGKILL SetCredential
    SetCredentialEncrypted SetLoginEnvironment Slice SmackProcessLabel SocketBindAllow SocketBindDeny
    Sockets StandardError StandardInput StandardInputData StandardInputText StandardOutput StartLimitAction
    StartLimitBurst StartLimitInterval StartupAllowedCPUs StartupAllowedMemoryNodes StartupBlockIOWeight
    StartupCPUShares StartupCPUWeight StartupIOWeight StartupMemoryHigh StartupMemoryLow StartupMemoryMax
    StartupMemorySwapMax StartupMemoryZSwapMax StateDirectory StateDirectoryAccounting StateDirectoryMode
    StateDirectoryQuota SuccessExitStatus SupplementaryGroups SysVStartPriority SyslogFacility
    SyslogIdentifier SyslogLevel SyslogLevelPrefix SystemCallArchitectures SystemCallErrorNumber
    SystemCallFilter SystemCallLog TTYColumns TTYPath TTYReset TTYRows TTYVHangup TTYVTDisallocate
    TasksAccounting TasksMax TemporaryFileSystem TimeoutAbortSec TimeoutCleanSec TimeoutSec
    TimeoutStartFailureMode TimeoutStartSec TimeoutStopFailureMode TimeoutStopSec TimerSlackNSec Type UMask
    USBFunctionDescriptors USBFunctionStrings UnsetEnvironment User UserNamespacePath UtmpIdentifier
    UtmpMode WatchdogSec WatchdogSignal WorkingDirectory
  `
    .split(/\s+/)
    .filter((key) => key !== ''),
);

/** Older names of keys that mean the same: systemd takes either, and merges what both say. */
export const olderNames: ReadonlyMap<string, string> = new Map([
  ['ReadWriteDirectories', 'ReadWritePaths'],
  ['ReadOnlyDirectories', 'ReadOnlyPaths'],
  ['InaccessibleDirectories', 'InaccessiblePaths'],
]);
