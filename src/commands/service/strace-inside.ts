import { libraryClosure } from '../../paths/library-closure.ts';
import { openRoot } from '../../paths/root.ts';
import type { UnitLine } from '../../systemd/unit-text.ts';
import { literalWord } from './unit-word.ts';

/**
 * System calls of strace itself (traced with strace 6.1, at work on a shell and on curl), without those that every program makes:
 * https://github.com/strace/strace/tree/v6.1/src
 */
const callsOfStrace =
  'ptrace process_vm_readv wait4 kill tkill tgkill clone clone3 fork vfork execve pipe2 socket connect bind sendto recvmsg setsockopt ' +
  'chdir setsid setpgid setreuid setregid prctl poll alarm setitimer rt_sigaction rt_sigprocmask rt_sigreturn openat read pread64 write lseek readlink readlinkat newfstatat fstat ' +
  'fcntl access ioctl mmap mprotect munmap brk close getpid getuid getgid geteuid getegid set_robust_list set_tid_address prlimit64 ' +
  'arch_prctl uname statfs getrandom futex rseq exit_group umask';

/** Settings under which programs and libraries may not be run, or not be seen. */
const hidingPrograms: ReadonlySet<string> = new Set([
  'NoExecPaths',
  'InaccessiblePaths',
  'TemporaryFileSystem',
  'RootDirectory',
  'RootImage',
]);

/** The least that lets strace work inside a unit's own sandbox: its system calls, its files, and the directory of the traces. */
export function letStraceIn(
  lines: readonly UnitLine[],
  programs: readonly string[],
  traces: string,
): [key: string, text: string][] {
  const keys = new Set(lines.filter(({ section }) => section === 'Service').map(({ key }) => key));
  const lets: [string, string][] = [['BindPaths', literalPath(traces)]];
  // In an allow list that adds them, from a deny list it takes them out.
  if (keys.has('SystemCallFilter')) lets.push(['SystemCallFilter', callsOfStrace]);
  if ([...keys].some((key) => hidingPrograms.has(key))) {
    const files = filesOf(programs).map(literalPath).join(' ');
    lets.push(['BindReadOnlyPaths', files]);
    if (keys.has('NoExecPaths')) lets.push(['ExecPaths', files]);
  }
  return lets;
}

function literalPath(path: string): string {
  return literalWord(path).replaceAll('$$', '$');
}

function filesOf(programs: readonly string[]): string[] {
  const root = openRoot('/');
  const files = new Set<string>();
  for (const program of programs) {
    files.add(program);
    const closure = libraryClosure(root, program);
    for (const file of [closure?.interpreter, ...(closure?.libraries.values() ?? [])])
      if (file !== undefined) files.add(file);
  }
  return [...files];
}
