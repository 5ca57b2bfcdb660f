/**
 * Names of calls that only a 32-bit program makes, so that it is told in a log without `[ Process PID=… runs in 32 bit mode. ]`
 * (strace writes that to its standard error, and `-o` leaves it out).
 * Source: libseccomp's src/syscalls.csv (https://github.com/seccomp/libseccomp), names in the columns of 32-bit architectures.
 */

/** Those that x86-64, arm64, riscv64, loongarch64, s390x, mips64 and ppc64 all lack. */
const everywhere =
  'arm_fadvise64_64 arm_sync_file_range breakpoint chown32 clock_adjtime64 clock_getres_time64 clock_gettime64 clock_nanosleep_time64 clock_settime64 fadvise64_64 fchown32 fcntl64 fstat64 fstatat64 ftruncate64 futex_time64 get_tls getegid32 geteuid32 getgid32 getgroups32 getresgid32 getresuid32 getuid32 io_pgetevents_time64 lchown32 lstat64 mmap2 mq_timedreceive_time64 mq_timedsend_time64 ppoll_time64 pselect6_time64 recvmmsg_time64 rt_sigtimedwait_time64 sched_rr_get_interval_time64 semtimedop_time64 sendfile64 set_tls setfsgid32 setfsuid32 setgid32 setgroups32 setregid32 setresgid32 setresuid32 setreuid32 setuid32 stat64 timer_gettime64 timer_settime64 timerfd_gettime64 timerfd_settime64 truncate64 usr26 usr32 utimensat_time64 vm86old';

/** Further ones that x86 has and x86-64 lacks; other 64-bit architectures have some of them. */
const onX86 =
  '_llseek _newselect bdflush break fstatfs64 ftime gtty idle ipc lock mpx nice oldfstat oldlstat oldolduname oldstat olduname prof profil readdir recv send sgetmask sigaction signal sigpending sigprocmask sigreturn sigsuspend socketcall ssetmask statfs64 stime stty ugetrlimit ulimit umount vm86 waitpid';

/** Where everything is 32 bits wide, that is the native ABI. */
const narrow: ReadonlySet<string> = new Set(['x86', 'arm', 'mips', 'ppc', 'parisc', 's390', 'm68k', 'sh']);

/** Whether a call of that name, in a trace on that architecture (systemd's word), was made by a program of the 32-bit ABI. */
export function isThirtyTwoBitName(name: string, architecture: string): boolean {
  if (narrow.has(architecture)) return false;
  if (everyName.has(name)) return true;
  return architecture === 'x86-64' && x86Names.has(name);
}

const everyName: ReadonlySet<string> = new Set(everywhere.split(' '));
const x86Names: ReadonlySet<string> = new Set(onX86.split(' '));
