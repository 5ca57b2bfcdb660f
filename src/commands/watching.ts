import type { Level } from '../directives/context.ts';
import { runsSetId } from '../directives/set-id-programs.ts';
import { unwatchedCalls } from '../directives/watched-calls.ts';
import type { Gatherer } from '../profile/gather.ts';
import type { Profile } from '../profile/profile.ts';
import { architectureOf } from '../syscall-groups/architectures.ts';
import { groupsOfVersion } from '../syscall-groups/version-groups.ts';
import { findStrace } from '../trace/live/find-strace.ts';
import {
  type KernelCounts,
  type KernelObserver,
  neverReturning,
  startKernelObserver,
} from '../trace/live/kernel-observer.ts';
import { stopsOnlyForWatched, takesRightsAway } from '../trace/live/strace-arguments.ts';
import { TraceError } from '../trace/live/trace-error.ts';
import type { ToldCall } from '../trace/told-call.ts';
import { knownHost } from './known-host.ts';
import type { Observer } from './options.ts';

export interface WatchOptions {
  /** Watch every call, whatever it costs. */
  exact: boolean;
  observer: Observer;
  level: Level;
  /** The version that the drop-in is for; the host's where left out. */
  systemd: number | undefined;
}

/** What is watched of a program, by whom, and what a person should know of it. */
export interface Watching {
  /** Calls for which strace does not stop. */
  unwatched: readonly string[];
  kernel: KernelObserver | undefined;
  /** Where the kernel could have been asked, and why it was not. */
  alone: string | undefined;
  /** Programs that are started gain no rights by their set-user-ID bits meanwhile. */
  takesRights: boolean;
}

/**
 * Decides what need not be watched: every level above minimal comes to the same without it. Where the kernel tells the rest, every call is
 * at least counted, which is enough for minimal too.
 * @param onTold gets the calls of which the kernel tells
 * @throws TraceError where `--observer bpf` is not to be had
 */
export async function startWatching(
  options: WatchOptions,
  onTold: (told: ToldCall) => void,
): Promise<Watching> {
  const { version } = await findStrace();
  const all: Watching = { unwatched: [], kernel: undefined, alone: undefined, takesRights: false };
  if (options.exact) return all;
  const takesRights = takesRightsAway(version);
  const granted = await grantedAnyway(options.systemd);
  if (options.observer !== 'strace' && stopsOnlyForWatched(version)) {
    try {
      const kernel = await startKernelObserver(onTold);
      const counted = new Set([...granted, ...kernel.watches]);
      for (const name of neverReturning) counted.delete(name);
      return { unwatched: [...counted].sort(), kernel, alone: undefined, takesRights };
    } catch (error) {
      if (!(error instanceof TraceError) || options.observer === 'bpf') throw error;
      all.alone = error.message;
    }
  }
  if (options.level === 'minimal') return all;
  return { ...all, unwatched: granted, takesRights: takesRights && stopsOnlyForWatched(version) };
}

/** Calls that are let through at every level above minimal, and that change nothing else. */
export async function grantedAnyway(systemd: number | undefined): Promise<string[]> {
  const host = await knownHost();
  const version = systemd ?? host.systemd?.version;
  const groups = version === host.systemd?.version ? host.groups : undefined;
  return unwatchedCalls({
    groups: groups ?? groupsOfVersion(version ?? Number.POSITIVE_INFINITY),
    architecture: architectureOf(process.arch),
  });
}

/** Hands to a gatherer what the kernel counted; the calls for which strace stopped it has counted itself. */
export function takeCounts(
  { unwatched }: Watching,
  { times, calls }: KernelCounts,
  gatherer: Gatherer,
): void {
  gatherer.toldTimes(times);
  gatherer.toldCounts(calls.filter(([name]) => unwatched.includes(name)));
}

/** What was lost on the way, and what the watching itself changed: a sentence each. */
export function warningsOf(
  { takesRights }: Watching,
  counts: KernelCounts | undefined,
  profile: Profile,
): string[] {
  const warnings: string[] = [];
  if (counts !== undefined && counts.lost > 0)
    warnings.push(
      `${counts.lost} different calls came too fast to be told by the kernel, and are not in the profile: trace again with --observer strace.`,
    );
  if (counts !== undefined && counts.cut > 0)
    warnings.push(
      `${counts.cut} paths were too long for the kernel to tell, and are not in the profile: trace again with --observer strace.`,
    );
  if (takesRights && runsSetId(profile))
    warnings.push(
      'A set-user-ID or set-group-ID program was started, and it got no other rights, because the quick way of tracing takes that away (no_new_privs): trace again with --exact.',
    );
  return warnings;
}

/** How it was watched, for the summary. */
export function howWatched({ unwatched, kernel, alone }: Watching): string {
  if (unwatched.length === 0)
    return 'by strace, every call: the program runs many times slower than without it.';
  const rest = `the other ${unwatched.length} are let through in any case (--exact watches them too).`;
  if (kernel === undefined)
    return `by strace, which stops the program only for calls that can change something; ${rest}${alone === undefined ? '' : ` ${alone}`}`;
  return 'by strace, and by the kernel where calls are frequent; every call was counted.';
}
