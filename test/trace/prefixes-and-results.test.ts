import { describe, expect, test } from 'vitest';
import { emptyPrefix, prefixTime, readPrefix } from '../../src/trace/line-prefix.ts';
import { read, shown } from './reading.ts';

describe('what stands before a call', () => {
  test.each([
    ['', 0],
    ['123   ', 123],
    ['31992 ', 31992],
    ['1234567 ', 1234567],
    ['20504<sh> ', 20504],
    [String.raw`26192<\x73\x68> `, 26192],
    [String.raw`22052<a b \74c\76\"\\> `, 22052],
    ['7     [unconfined_t] ', 7],
    ['7     [system_u:system_r:init_t:s0!!user_u:object_r:bin_t:s0] ', 7],
    ['22:51:10 ', 0],
    ['22:51:10.746135 ', 0],
    ['1795301470.844338 ', 0],
    ['1795301470 ', 0],
    ['1795301470.925445913 ', 0],
    ['     0.001954 ', 0],
    ['     0 ', 0],
    ['22:51:10.868622 (+     0.002519) ', 0],
    ['[  59] ', 0],
    ['[1073741825] ', 0],
    ['[???] ', 0],
    ['[00007f9237ab7b1d] ', 0],
    ['[f7f3b1d2] ', 0],
    ['[????????????????] ', 0],
    ['31992 1795304028.491827 (+     0.000247) [ 257] [00007f9237ab7b1d] ', 31992],
    ['31992      0.001954 ', 31992],
    ['31992 22:51:10 [  59] ', 31992],
    ['64:', 0],
  ])('%j', (prefix, pid) => {
    const name = prefix === '64:' ? '64:readv' : 'readv';
    expect(shown(`${prefix}readv(3) = 0`)).toEqual([`${pid} ${name}(3) = 0`]);
    if (prefix === '64:') return;
    expect(shown(`${prefix}+++ exited with 3 +++`)).toEqual([`${pid} exited 3`]);
    expect(shown(`${prefix}--- SIGCHLD {si_signo=SIGCHLD} ---`)).toEqual([
      `${pid} SIGCHLD {si_signo: SIGCHLD}`,
    ]);
  });

  test.each([
    ['[pid   123] ', 123],
    ['[pid 20504<sh>] ', 20504],
    ['[pid 22058<a b \\74c>] 22:51:10.746135 (+     0.002519) [???] [????????????????] ', 22058],
  ])('on a terminal: %j', (prefix, pid) => {
    expect(shown(`${prefix}readv#64(3) = 0`)).toEqual([`${pid} readv#64(3) = 0`]);
  });

  test.each([
    ['22:51:10.5 close(3) = 0', 82270.5],
    ['7 1795301470.844338 close(3) = 0', 1795301470.844338],
    ['7 close(3) = 0', undefined],
  ])('the time of %j', (line, seconds) => {
    const prefix = emptyPrefix();
    readPrefix(line, prefix);
    expect(prefixTime(line, prefix)).toBe(seconds);
  });
});

describe('signals and ends', () => {
  test.each([
    ['--- stopped by SIGSTOP ---', '0 stopped by SIGSTOP'],
    [
      '--- SIGRT_2 {si_signo=SIGRT_2, si_code=SI_TKILL, si_pid=7, si_uid=0} ---',
      '0 SIGRT_2 {si_signo: SIGRT_2; si_code: SI_TKILL; si_pid: 7; si_uid: 0}',
    ],
    ['--- SIGCHLD (Child exited) @ 0 (0) ---', '0 SIGCHLD'],
    [
      '--- SIGSYS {si_signo=SIGSYS, si_code=SYS_SECCOMP, si_call_addr=0x7f, si_syscall=__NR_getsid, si_arch=AUDIT_ARCH_X86_64} ---',
      '0 SIGSYS {si_signo: SIGSYS; si_code: SYS_SECCOMP; si_call_addr: 0x7f; si_syscall: __NR_getsid; si_arch: AUDIT_ARCH_X86_64}',
    ],
    ['+++ killed by SIGKILL +++', '0 killed SIGKILL'],
    ['+++ killed by SIGSEGV (core dumped) +++', '0 killed SIGSEGV'],
    ['+++ superseded by execve in pid 17469 +++', '0 superseded by 17469'],
    ['[ Process PID=28260 runs in 32 bit mode. ]', '28260 personality: 32 bit'],
    ['strace: [ Process PID=28260 runs in x32 mode. ]', '28260 personality: x32'],
  ])('%s', (line, event) => {
    expect(shown(line)).toEqual([event]);
  });

  test.each([
    '--- SIGCHLD {si_signo=SIGCHLD',
    '+++ exited with',
    '7 <... wait4 resu',
    '7 <... wait4 resumed>, NULL',
  ])('a damaged line is unread: %s', (line) => {
    expect(read(`7 close(3) = 0\n${line}\n7 close(3) = 0`).tally.unread).toBe(1);
  });
});

describe('results', () => {
  test.each([
    ['0', '0', 0],
    ['3</path with space>', '3 </path with space>', 3],
    ['3</tmp/gone>(deleted)', '3 </tmp/gone>', 3],
    ['0x7f1234567000', '0x7f1234567000', 0x7f1234567000],
    ['022', '022', 18],
    ['-1 ENOENT (No such file or directory)', '-1 ENOENT', -1],
    ['-1 ENOENT (Datei oder Verzeichnis nicht gefunden) <0.000011>', '-1 ENOENT', -1],
    ['-1 (errno 530)', '-1 ERRNO_530', -1],
    ['-1 ERRNO_530 (Unknown error 530)', '-1 ERRNO_530', -1],
    ['-1 E??? (errno 512)', '-1 ERRNO_512', -1],
    ['?', '?', undefined],
    ['? ERESTARTSYS (To be restarted if SA_RESTART is set)', '? ERESTARTSYS', undefined],
    ['? <unavailable>', '?', undefined],
    ['0 (Timeout)', '0', 0],
    ['1 ([{fd=9, revents=POLLIN}])', '1', 1],
    ['2 (in [3], left {tv_sec=1, tv_usec=2})', '2', 2],
    ['0x8002 (flags O_RDWR|O_LARGEFILE)', '0x8002', 0x8002],
    ['9<comm>', '9 <comm>', 9],
    ["2 /* 21751 in strace's PID NS */", '2', 2],
    ['0 (mnt:[4026532326], net:[4026532327])', '0', 0],
    ['7 (INJECTED) (DELAYED) <0.001024>', '7 injected', 7],
    ['-1 EPERM (Operation not permitted) (INJECTED: args, retval)', '-1 EPERM injected', -1],
    ['3<TCP:[127.0.0.1:80->127.0.0.1:4000]> <0.000009>', '3 <TCP:[127.0.0.1:80->127.0.0.1:4000]>', 3],
    ['3<pid:25680<python3>>', '3 <pid:25680<python3>>', 3],
    ['3</dev/null<char 1:3>>', '3 </dev/null>', 3],
  ])('= %s', (text, understood, number) => {
    const reading = read(`f(1) = ${text}`);
    expect(shown(`f(1) = ${text}`)).toEqual([`0 f(1) = ${understood}`]);
    expect(reading.events[0]).toMatchObject({ result: { number } });
  });
});
