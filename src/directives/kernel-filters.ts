import type { Profile } from '../profile/profile.ts';
import type { Context } from './context.ts';
import { runsSetId } from './set-id-programs.ts';
import { startUid } from './start-uid.ts';

/**
 * The kernel takes a filter from who has CAP_SYS_ADMIN, or has given up new privileges. So until 254 a unit with another user than
 * root got NoNewPrivileges=yes with its first filter, whatever it said itself. Since 255 systemd keeps the capability until all
 * filters are loaded, unless they refuse the calls by which it drops it afterwards.
 * https://github.com/systemd/systemd/blob/v252/src/core/execute.c (context_has_no_new_privileges),
 * https://github.com/systemd/systemd/blob/v257/src/core/exec-invoke.c (seccomp_allows_drop_privileges)
 */
export function filtersTakePrivileges({ systemd }: Pick<Context, 'systemd'>): boolean {
  return systemd < 255;
}

/** By these systemd drops the capability after the filters. */
export const droppingCalls = ['capget', 'capset', 'prctl'];

/** Settings for which systemd loads a filter, each with the words that undo it. */
export const filterSettings: Readonly<Record<string, readonly string[]>> = {
  SystemCallFilter: [],
  SystemCallArchitectures: [],
  SystemCallLog: [],
  RestrictAddressFamilies: [],
  RestrictNamespaces: ['no'],
  PrivateDevices: ['no'],
  ProtectKernelTunables: ['no'],
  ProtectKernelModules: ['no'],
  ProtectKernelLogs: ['no'],
  ProtectClock: ['no'],
  ProtectHostname: ['no'],
  LockPersonality: ['no'],
  RestrictRealtime: ['no'],
  RestrictSUIDSGID: ['no'],
  MemoryDenyWriteExecute: ['no'],
};

/** Whether the daemon needs new privileges that no user but root would have beside a filter: it runs set-ID programs. */
export function needsNewPrivileges(profile: Profile, authenticates: boolean): boolean {
  return (startUid(profile) ?? 0) !== 0 && (runsSetId(profile) || authenticates);
}
