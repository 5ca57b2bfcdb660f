import { isAtLeast, type StraceVersion } from './find-strace.ts';

export interface StraceOptions {
  version: StraceVersion;
  /** Absolute path of the file that strace writes to. */
  output: string;
  /** Start the program as this user (root only). */
  user?: string | undefined;
  /** Attach to these processes instead of starting a program. */
  pids?: readonly number[] | undefined;
  /** Trace only these calls, and execve, with which a trace begins; all where left out. */
  calls?: readonly string[] | undefined;
}

/**
 * What is traced, and how it is written down: strace's arguments, up to the program to start.
 * https://man7.org/linux/man-pages/man1/strace.1.html
 */
export function straceArguments(options: StraceOptions): string[] {
  const { version, output, user, calls } = options;
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
    '-o',
    output,
  ];
  if (calls !== undefined) args.push(...filter(version, pids, calls));
  if (user !== undefined) args.push('-u', user);
  for (const pid of pids) args.push('-p', String(pid));
  return args;
}

/**
 * `?` before a name: an architecture or a version that does not know the call ignores it.
 *
 * With --seccomp-bpf the kernel stops only for the calls that are wanted. strace 5.3 has it, but up to 6.1 it forces
 * no_new_privs on the program, which changes what its set-user-ID children may do; so those versions stop at every call and
 * write down fewer. It cannot be used on running processes. https://github.com/strace/strace/blob/master/NEWS
 */
function filter(version: StraceVersion, pids: readonly number[], calls: readonly string[]): string[] {
  const names = new Set(['execve', ...calls]);
  const trace = ['-e', `trace=${[...names].map((name) => `?${name}`).join(',')}`];
  return pids.length === 0 && isAtLeast(version, 6, 2) ? ['--seccomp-bpf', ...trace] : trace;
}
