import { isAtLeast, type StraceVersion } from './find-strace.ts';

export interface StraceOptions {
  version: StraceVersion;
  /** Absolute path of the file that strace writes to. */
  output: string;
  /** Start the program as this user (root only). */
  user?: string | undefined;
  /** Attach to these processes instead of starting a program. */
  pids?: readonly number[] | undefined;
  /** Calls that need not be seen: none where left out. */
  unwatched?: readonly string[] | undefined;
  /** Where only those of programs of so many bits need not be seen. */
  unwatchedBits?: 64 | undefined;
  /** Add to the file, which has lines already. */
  append?: boolean | undefined;
}

/**
 * What is traced, and how it is written down: strace's arguments, up to the program to start.
 * https://man7.org/linux/man-pages/man1/strace.1.html
 */
export function straceArguments(options: StraceOptions): string[] {
  const { version, output, user, append = false } = options;
  const pids = options.pids ?? [];
  const args = [
    // Children, threads and what they become.
    '-f',
    // What a descriptor is: path, device numbers, protocol, addresses.
    '-yy',
    // No more of a buffer, an argv or a readlink result than strace's default: they are private and a profile does not need
    // them. Paths and socket addresses are never cut.
    '-s',
    '32',
    // On its own, `-o FILE PROGRAM` keeps quiet about changes of personality, without which a 32-bit process cannot be told.
    // From 5.6 on only the messages that would go to the program's stderr can be silenced.
    ...(isAtLeast(version, 5, 6) ? ['-e', 'quiet=attach,path-resolution'] : ['-q']),
    // A terminal's Ctrl-C must not end strace before the program; but who attaches wants to let go again. Both are strace's
    // defaults, written down because stopping depends on them.
    pids.length > 0 ? '-I2' : '-I3',
    ...(append ? ['-A'] : []),
    ...filter(options),
    '-o',
    output,
  ];
  if (user !== undefined) args.push('-u', user);
  for (const pid of pids) args.push('-p', String(pid));
  return args;
}

/**
 * `?` before a name: an architecture or a version that does not know the call ignores it.
 *
 * With --seccomp-bpf the kernel stops the program only for calls that are watched; without it, it stops for each, and strace writes
 * down fewer. It cannot be used on running processes, and needs -f. Up to 6.1 it sets no_new_privs, so that set-user-ID programs
 * give nobody more rights: https://github.com/strace/strace/blob/master/NEWS
 */
function filter({ version, pids, unwatched = [], unwatchedBits }: StraceOptions): string[] {
  if (unwatched.length === 0) return [];
  // Known to every strace that can stop for some calls only: 4.23 brought it.
  const personality = unwatchedBits === undefined ? '' : `@${unwatchedBits}`;
  const trace = ['-e', `trace=!${unwatched.map((name) => `?${name}${personality}`).join(',')}`];
  return stopsOnlyForWatched(version, pids) ? ['--seccomp-bpf', ...trace] : trace;
}

/** Whether a call that is not watched costs the program nothing. */
export function stopsOnlyForWatched(version: StraceVersion, pids: readonly number[] = []): boolean {
  return pids.length === 0 && isAtLeast(version, 5, 3);
}

/** Whether it sets no_new_privs where it stops only for what is watched. */
export function takesRightsAway(version: StraceVersion): boolean {
  return !isAtLeast(version, 6, 2);
}
