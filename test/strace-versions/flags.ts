/** Flags under which strace writes the same facts in another way; `since` is the first version that knows them. */
export interface FlagSet {
  flags: readonly string[];
  since?: string;
}

export const lossless: readonly FlagSet[] = [
  { flags: ['-f', '-tt', '-T', '-yy', '-v'] },
  { flags: ['-f', '-t'] },
  { flags: ['-f', '-ttt', '-y'] },
  { flags: ['-f', '-r'] },
  { flags: ['-f', '-r', '-tt'] },
  { flags: ['-f', '--absolute-timestamps=precision:ns', '--relative-timestamps=s'] },
  { flags: ['-f', '--absolute-timestamps=format:unix,precision:s', '--syscall-times=ns'] },
  { flags: ['-f', '-i'] },
  { flags: ['-f', '-n', '-i', '-r', '-tt'] },
  { flags: ['-f', '-k'] },
  { flags: ['-f', '-x'] },
  { flags: ['-f', '-xx'] },
  { flags: ['-f', '-xx', '-yy'] },
  { flags: ['-f', '--strings-in-hex=non-ascii-chars'], since: '5.15' },
  { flags: ['-f', '-X', 'verbose'] },
  { flags: ['-f', '-X', 'raw'] },
  { flags: ['-f', '-X', 'raw', '-yy', '-v'] },
  { flags: ['-f', '-a', '0', '-s', '0', '-y'] },
  { flags: ['-f', '-a', '200', '-s', '4096'] },
  { flags: ['-f', '-Y'], since: '5.15' },
  { flags: ['-f', '-Y', '-yy', '-xx'], since: '5.15' },
  { flags: ['-f', '--pidns-translation'] },
  { flags: ['-f', '-e', 'read=all', '-e', 'write=all'] },
  { flags: ['-f', '-C', '-w'] },
  { flags: ['-f', '-q'] },
  { flags: ['-f', '-qqq'] },
  { flags: ['-f', '-e', 'signal=none'] },
  { flags: ['-f', '-e', 'abbrev=none', '-e', 'verbose=all'] },
  // strace says that this brings nothing while all calls are wanted.
  { flags: ['-f', '--seccomp-bpf'] },
  { flags: ['-f', '-I1'] },
  { flags: ['-f', '-e', 'inject=write:delay_exit=100'] },
  { flags: ['-f', '-e', 'decode-fds=path'], since: '5.16' },
  { flags: ['-f', '--tips=full'], since: '5.18' },
  { flags: ['-f', '--kill-on-exit'], since: '6.6' },
  { flags: ['-f', '--always-show-pid'], since: '6.9' },
  { flags: ['-f', '-e', 'namespace=new'], since: '6.14' },
  { flags: ['-f', '-N'], since: '6.16' },
  { flags: ['-f', '-N', '-X', 'verbose', '-yy'], since: '6.16' },
  { flags: ['-f', '--color=always'], since: '7.0' },
  { flags: ['-f', '--color=always', '-Y', '-yy', '-tt', '-T', '-k'], since: '7.0' },
];

/**
 * Flags that leave something out, or show it as what can't be read back. `says`: what the limits must admit.
 */
export interface LossyFlagSet extends FlagSet {
  says?: RegExp;
}

export const lossy: readonly LossyFlagSet[] = [
  { flags: ['-f', '-z'], says: /began before the log/ },
  { flags: ['-f', '-Z'], says: /began before the log/ },
  { flags: ['-f', '-e', 'status=successful'], says: /began before the log/ },
  { flags: ['-f', '-e', 'status=failed'], says: /began before the log/ },
  { flags: ['-f', '-e', 'status=!unfinished'], says: /began before the log/ },
  { flags: ['-f', '-P', '/etc/ld.so.cache'], says: /began before the log/ },
  { flags: ['-f', '-e', 'trace=%file'], says: /began before the log/ },
  { flags: ['-f', '-e', 'trace=%file,%process,%network,%desc'] },
  { flags: ['-f', '-e', 'trace=openat,rename'] },
  { flags: ['-f', '-e', 'trace=!write,openat'] },
  { flags: ['-f', '-e', 'trace=none'], says: /began before the log/ },
  { flags: ['-f', '--seccomp-bpf', '-e', 'trace=%file,%process,%desc'] },
  { flags: ['-f', '-e', 'verbose=none'], says: /relative paths could not be placed/ },
  { flags: ['-f', '-e', 'raw=all'], says: /show an address/ },
  { flags: ['-f', '-e', 'raw=all', '-yy'], says: /show an address/ },
  { flags: ['-f', '-e', 'raw=openat,chdir'], says: /show an address/ },
  { flags: ['-f', '-s', '3'] },
  { flags: [], says: /have no line in the log/ },
  { flags: ['-f', '-b', 'execve'] },
  { flags: ['-f', '-e', 'trace-fds=3'], since: '6.3' },
  { flags: ['-f', '--syscall-limit=60'], since: '6.3' },
];
