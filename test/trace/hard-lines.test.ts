import { describe, expect, test } from 'vitest';
import { classes, read, showEvent, shown } from './reading.ts';

/** The events but for the beginnings of calls. */
function ended(log: string): string[] {
  return read(log)
    .events.filter((event) => event.kind !== 'unfinished')
    .map(showEvent);
}

/** Lines that strace wrote, or can write, and that simple readers get wrong. */
describe('data that looks like the grammar', () => {
  test.each([
    [
      'parenthesis and result inside data',
      String.raw`write(1, ") = -1 ENOENT (x\n", 17) = 17`,
      '0 write(1; ") = -1 ENOENT (x\\n"; 17) = 17',
    ],
    [
      'a path with a comma, a parenthesis and a result',
      'read(4</tmp/d/, O_RDONLY) = 3>, "x", 1) = 1',
      '0 read(fd 4 </tmp/d/, O_RDONLY) = 3>; "x"; 1) = 1',
    ],
    [
      'an arrow in an address pair',
      'sendto(24<TCP:[127.0.0.1:34598->127.0.0.1:42549]>, "GET", 3, 0, NULL, 0) = 3',
      '0 sendto(fd 24 <TCP:[127.0.0.1:34598->127.0.0.1:42549]>; "GET"; 3; 0; NULL; 0) = 3',
    ],
    [
      'nested names of processes',
      'pidfd_open(25680<python3>, 0) = 3<pid:25680<python3>>',
      '0 pidfd_open(fd 25680 <python3>; 0) = 3 <pid:25680<python3>>',
    ],
    [
      'quotes and brackets in a socket name',
      'close(3<UNIX-STREAM:[953951,"/tmp/sock <x>"]>) = 0',
      '0 close(fd 3 <UNIX-STREAM:[953951,"/tmp/sock <x>"]>) = 0',
    ],
    [
      'comments inside strings',
      'write(3, "sl/ star*/ /* "..., 39) = 39',
      '0 write(3; "sl/ star*/ /* "…; 39) = 39',
    ],
    ['dots inside quotes', 'write(1, "abc...", 6) = 6', '0 write(1; "abc..."; 6) = 6'],
    ['dots outside quotes', 'write(1, "abc"..., 900) = 900', '0 write(1; "abc"…; 900) = 900'],
    [
      'digits behind an octal escape',
      String.raw`write(3, "a\0001b\0c\n", 7) = 7`,
      String.raw`0 write(3; "a\u00001b\u0000c\n"; 7) = 7`,
    ],
    [
      'a string all in hexadecimal',
      String.raw`write(3, "\x61\x00\x31", 3) = 3`,
      String.raw`0 write(3; "a\u00001"; 3) = 3`,
    ],
    [
      'an unknown call',
      'syscall_0xffffffffffffffff(0x1, 0x2) = -1 ENOSYS (Function not implemented)',
      '0 syscall_0xffffffffffffffff(0x1; 0x2) = -1 ENOSYS',
    ],
    [
      'an unknown call with its number',
      '[???] syscall_0xffffffffffffffff(0x1) = -1 ENOSYS (x)',
      '0 syscall_0xffffffffffffffff(0x1) = -1 ENOSYS',
    ],
    [
      'a name with brackets and spaces',
      String.raw`[pid 22058<a b \74c\76\"\\>] kill(22057<a b \74c\76\"\\>, 0) = 0`,
      '22058 kill(fd 22057 <a b <c>"\\>; 0) = 0',
    ],
    [
      'an empty argument',
      'statx(-100, "/tmp", , 0xfff, 0x7ffd) = 0',
      '0 statx(-100; "/tmp"; ; 0xfff; 0x7ffd) = 0',
    ],
    [
      'an empty remark behind the result',
      'select(4, [3], NULL, NULL, NULL) = 1 ()',
      '0 select(4; [3]; NULL; NULL; NULL) = 1',
    ],
    [
      'a device, decimal',
      'mknod("x", S_IFBLK|0600, makedev(8, 17)) = 0',
      '0 mknod("x"; S_IFBLK|0600; makedev(8; 17)) = 0',
    ],
    [
      'a device, hexadecimal',
      'mknod("x", S_IFBLK|0600, makedev(0x8, 0x11)) = 0',
      '0 mknod("x"; S_IFBLK|0600; makedev(0x8; 0x11)) = 0',
    ],
    ['a pid of seven digits', '1234567 close(3) = 0', '1234567 close(3) = 0'],
    ['a pid of one digit', '7     close(3) = 0', '7 close(3) = 0'],
    ['an exit status above 255', 'exit_group(300) = ?', '0 exit_group(300) = ?'],
    [
      'a greater-than sign in a path of old versions',
      'read(7</tmp/a>b>, "", 1) = 0',
      '0 read(fd 7 </tmp/a>b>; ""; 1) = 0',
    ],
    ['an arrow in a path of old versions', 'close(7</tmp/a->b>) = 0', '0 close(fd 7 </tmp/a->b>) = 0'],
    ['a process name that ends in a minus', 'kill(7<foo->, 0) = 0', '0 kill(fd 7 <foo->; 0) = 0'],
    ['a path with an open bracket', 'close(7</tmp/[x>) = 0', '0 close(fd 7 </tmp/[x>) = 0'],
    [
      'what a parser may take for a bracket: characters',
      "ioctl(0, TIOCSTI, ')') = 0",
      "0 ioctl(0; TIOCSTI; ')') = 0",
    ],
  ])('%s', (_, line, event) => {
    const reading = read(line);
    expect(shown(line)).toEqual([event]);
    expect(classes(reading)).toEqual({ call: 1 });
  });
});

describe('calls on several lines', () => {
  test.each([
    [
      'up to 4.26',
      '7 wait4(-1,  <unfinished ...>\n7 <... wait4 resumed> [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 9',
    ],
    [
      'from 5.0',
      '7 wait4(-1,  <unfinished ...>\n7 <... wait4 resumed>[{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 9',
    ],
    [
      'from 6.16',
      '7 wait4(-1 <unfinished ...>\n7 <... wait4 resumed>, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 9',
    ],
  ])('halves join in the style %s', (_, log) => {
    expect(shown(log)).toEqual([
      '7 wait4(-1 …',
      '7 wait4(-1; [{: WIFEXITED(s) && WEXITSTATUS(s) == 3}]; 0; NULL) = 9',
    ]);
    expect(classes(read(log))).toEqual({ call: 1, continuation: 1 });
  });

  test('a message cuts a call, which goes on', () => {
    const log = [
      'execve("/bin/sh", ["sh"], 0x7ffd /* 9 vars */) = 0',
      'clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD/usr/bin/strace: Process 22058 attached',
      ', child_tidptr=0x7f55c1e40a10) = 22058',
    ].join('\n');
    expect(shown(log).slice(1)).toEqual([
      '0 clone(NULL; CLONE_CHILD_SETTID|SIGCHLD …',
      '22058 attached: Process 22058 attached',
      '0 clone(NULL; CLONE_CHILD_SETTID|SIGCHLD; 0x7f55c1e40a10) = 22058',
    ]);
    expect(classes(read(log))).toEqual({ call: 2, continuation: 1 });
  });

  test.each([
    'strace',
    '/usr/bin/strace',
    './strace',
    '../bin/strace',
    '/opt/my strace/bin/strace'.replace(' ', '-'),
  ])('a message of %s cuts a call, which other lines interrupt', (program) => {
    const log = `vfork(${program}: Process 20457 attached\n <unfinished ...>\n[pid 20457] close(3) = 0\n[pid 20456] <... vfork resumed>) = 20457`;
    expect(shown(log)).toEqual([
      '0 vfork( …',
      '20457 attached: Process 20457 attached',
      '20457 close(3) = 0',
      '0 vfork() = 20457',
    ]);
    expect(classes(read(log))).toEqual({ call: 2, continuation: 2 });
  });

  test('messages of strace before 4.11 have no name in front', () => {
    expect(shown('vfork(Process 9 attached\n <unfinished ...>')).toEqual([
      '0 vfork( …',
      '9 attached: Process 9 attached',
    ]);
  });

  test.each([
    ['one line', 'write(1, "nonl", 4nonl)                     = 4', 'nonl'],
    ['one line and a newline', 'write(1, "nonl", 4nonl' + '\n)                     = 4', 'nonl'],
    ['several lines', 'write(1, "nonl", 4no\nnl\n)                     = 4', 'nonl'],
    [
      'several lines, the last without a newline',
      'write(1, "nonl", 4no\nnl\nx)                     = 4',
      'nonl',
    ],
    ['an open quote', 'write(1, "nonl", 4do"nt\n)                     = 4', 'nonl'],
    ['a closing parenthesis', 'write(1, "nonl", 4:)\n)                     = 4', 'nonl'],
  ])('what the program wrote stands inside its write: %s', (_, call, data) => {
    const log = `write(1, "", 0) = 0\n${call}\nclose(1) = 0`;
    expect(ended(log).slice(1)).toEqual([`0 write(1; "${data}"; 4) = 4`, '0 close(1) = 0']);
    expect(read(log).tally.unread).toBe(0);
  });

  test('a name with a raw newline (4.8) goes over two lines', () => {
    const log = 'read(3, "", 1) = 0\nread(4</tmp/d/x\ny>, "x", 1) = 1';
    expect(ended(log)[1]).toBe('0 read(fd 4 </tmp/d/x\ny>; "x"; 1) = 1');
    expect(classes(read(log))).toEqual({ call: 2, continuation: 1 });
  });

  test('a detach stands alone on its line', () => {
    const log =
      'restart_syscall(<... resuming interrupted read ...>strace: Process 9 detached\n <detached ...>';
    expect(classes(read(log))).toEqual({ call: 1, continuation: 1 });
  });

  test('a call that death cut has two marks', () => {
    const log =
      '17464 clock_nanosleep(CLOCK_REALTIME, 0, {tv_sec=5, tv_nsec=0} <unfinished ...>\n17464 <... clock_nanosleep resumed> <unfinished ...>) = ?';
    expect(shown(log)[1]).toBe('17464 clock_nanosleep(CLOCK_REALTIME; 0; {tv_sec: 5; tv_nsec: 0}) = ?');
    expect(shown('7 nanosleep({tv_sec=5, tv_nsec=0} <unfinished ...>) = ?')).toEqual([
      '7 nanosleep({tv_sec: 5; tv_nsec: 0}) = ?',
    ]);
  });

  test('a call without a name ends without one', () => {
    expect(shown('23212 ???( <unfinished ...>\n23212 <... ??? resumed>) = ?')).toEqual([
      '23212 ???( …',
      '23212 ???() = ?',
    ]);
  });

  test('the end of a call whose beginning is not in the log', () => {
    expect(shown('25797 <... execve resumed>) = 0')).toEqual(['25797 execve() = 0']);
    expect(classes(read('25797 <... execve resumed>) = 0'))).toEqual({ continuation: 1 });
  });

  test('an execve goes from its thread to the leader', () => {
    const log = [
      '17469 execve("/bin/true", ["true"], 0x7f /* 35 vars */ <unfinished ...>',
      '17464 +++ superseded by execve in pid 17469 +++',
      '17464 <... execve resumed>) = 0',
    ];
    const execve = '17464 execve("/bin/true"; ["true"]; 0x7f) = 0';
    expect(shown(log.join('\n')).slice(1)).toEqual(['17464 superseded by 17469', execve]);
    // -qqq leaves the middle line out.
    expect(shown([log[0], log[2]].join('\n'))[1]).toBe(execve);
  });

  test('the thread of an execve vanishes from its file', () => {
    const log = '17469 execve("/bin/true", ["true"], 0x7f /* 35 vars */ <pid changed to 17464 ...>';
    expect(shown(log)).toEqual(['17469 execve("/bin/true"; ["true"]; 0x7f …']);
    expect(classes(read(log))).toEqual({ call: 1 });
  });

  test.each([
    '21368 clock_nanosleep(CLOCK_REALTIME, 0, {tv_sec=2, tv_nsec=371000000}, ',
    '21368 clock_nanosleep(CLOCK_REALTIME',
    '21368 openat(AT_FDCWD, "/et',
    '21368 read(3</etc/pas',
    '21368 close(3)     ',
    '21368 close(3)     = ',
    '21368 wait4(-1 <unfinis',
  ])('a log that ends in the middle of a call: %j', (line) => {
    const reading = read(`21368 close(3) = 0\n${line}`);
    expect(reading.events).toHaveLength(2);
    expect(classes(reading)).toEqual({ call: 2 });
  });

  test('a call that never goes on is counted as unread, and still told', () => {
    const reading = read('7 close(3) = 0\n7 openat(AT_FDCWD, "/x\n7 close(4) = 0\n7 close(5) = 0');
    expect(classes(reading)).toEqual({ call: 3, unread: 1 });
    expect(reading.unread).toEqual([{ line: 2, text: 'openat(AT_FDCWD, "/x' }]);
    expect(reading.events.filter((event) => event.kind === 'unfinished')).toHaveLength(1);
  });
});

describe('whose line it is', () => {
  test('on a terminal numbers come and go, and one process keeps one number', () => {
    const log = [
      'execve("/bin/sh", ["sh"], 0x7f /* 1 var */) = 0',
      'clone(child_stack=NULL, flags=SIGCHLDstrace: Process 101 attached',
      ' <unfinished ...>',
      '[pid   101] close(3 <unfinished ...>',
      '[pid   100] <... clone resumed>, child_tidptr=0x7f) = 101',
      '[pid   101] <... close resumed>) = 0',
      '[pid   100] exit_group(0) = ?',
      '[pid   100] +++ exited with 0 +++',
      'close(4) = 0',
      '+++ exited with 0 +++',
    ].join('\n');
    const ends = read(log).events.flatMap((event) =>
      event.kind === 'call' ? [[event.pid, event.name]] : [],
    );
    expect(ends).toEqual([
      [0, 'execve'],
      [0, 'clone'],
      [101, 'close'],
      [0, 'exit_group'],
      [101, 'close'],
    ]);
    expect(read(log).events.at(-1)).toMatchObject({ kind: 'exit', pid: 101 });
    expect(classes(read(log))).toEqual({ call: 5 - 0, continuation: 3, exit: 2 });
  });

  test('without messages the result of a fork tells who is new', () => {
    const log =
      'execve("/x", [], 0x7f) = 0\nfork() = 101\n[pid 101] close(3) = 0\n[pid 100] close(4) = 0\n[pid 101] +++ exited with 0 +++\nclose(5) = 0';
    expect(read(log).events.map((event) => event.pid)).toEqual([0, 0, 101, 0, 101, 0]);
  });

  test('a number that appears while the first process waits for its fork is the child', () => {
    const log =
      'execve("/x", [], 0x7f) = 0\nvfork( <unfinished ...>\n[pid 101] close(3) = 0\n[pid 100] <... vfork resumed>) = 101\n[pid 101] close(4) = 0';
    expect(read(log).events.map((event) => event.pid)).toEqual([0, 0, 101, 0, 101]);
  });

  test('the only process that strace attached to needs no number', () => {
    expect(shown('strace: Process 77 attached\nread(0, "x", 1) = 1')[1]).toBe('77 read(0; "x"; 1) = 1');
  });

  test('a number used again is taken as it stands', () => {
    expect(shown('15012 +++ exited with 0 +++\n15012 execve("/bin/other", [], NULL) = 0')).toEqual([
      '15012 exited 0',
      '15012 execve("/bin/other"; []; NULL) = 0',
    ]);
  });

  test('the result of a fork in another pid namespace is handed on as it stands', () => {
    expect(shown('21756 vfork() = 2\n21757 +++ exited with 0 +++')).toEqual([
      '21756 vfork() = 2',
      '21757 exited 0',
    ]);
  });

  test('a file of a set has its number in its name', () => {
    expect(shown('close(3) = 0\n+++ exited with 1 +++', 42)).toEqual(['42 close(3) = 0', '42 exited 1']);
  });
});

describe('lines of others', () => {
  test('carriage returns and colours go before reading', () => {
    expect(shown('\x1b[1;34m7\x1b[0m \x1b[32mclose\x1b[0m(\x1b[33m3\x1b[0m) = 0\x1b[m\r')).toEqual([
      '7 close(3) = 0',
    ]);
  });

  test.each([
    'Nov 22 10:11:12 host strace[7]: 31992 close(3) = 0',
    '2026-11-22T10:11:12.123456Z 31992 close(3) = 0',
    'web-1  | 31992 close(3) = 0',
    'trace.log:12:31992 close(3) = 0',
  ])('a line that another program carried: %s', (line) => {
    expect(shown(line)).toEqual(['31992 close(3) = 0']);
  });

  test('output without a newline in front of a line', () => {
    expect(shown('hello[pid 12] <... write resumed>) = 5')).toEqual(['12 write() = 5']);
    expect(shown('hello+++ exited with 0 +++')).toEqual(['0 exited 0']);
  });

  test.each([
    '--',
    '$ strace -f ./daemon',
    'hello world',
    'usage: foo(bar) [options]',
    '% time     seconds  usecs/call     calls    errors syscall',
    '------ ----------- ----------- --------- --------- ----------------',
    ' 25.00    0.000137           4        31         2 openat',
    '100.00    0.000137           0       212        36 total',
    'System call usage summary for 32 bit mode:',
    ' > /usr/lib/libc.so.6(__brk+0x7) [0x1fc47]',
    ' > no matching address range',
    ' > path() [0x12]',
    ' | 00000  68 69 0a                                          hi.              |',
    ' * 3 bytes in buffer 0',
    '   /  ___________  \\',
    '',
    '\x89PNG\r',
    '--- a/file.c',
    '+++ b/file.c',
    '<html>',
    'int main(void)',
  ])('no line of a trace: %j', (line) => {
    const reading = read(`7 close(3) = 0\n${line}\n7 close(4) = 0`);
    expect(classes(reading)).toEqual({ call: 2, other: 1 });
  });

  test.each([
    'strace: Process 9 attached with 4 threads',
    '/usr/bin/strace: Process 9 detached',
    'strace: Requested path "/x" resolved into "/y"',
    'strace: attach: ptrace(PTRACE_SEIZE, 9): Operation not permitted',
    "strace: Cannot find executable 'x'",
    'strace: [ Process PID=9 runs in 32 bit mode. ]',
    '[ Process PID=9 runs in x32 mode. ]',
    '9 12:00:00 [ Process PID=9 runs in 64 bit mode. ]',
    'strace: [wait(0x00857f) = 9] WIFSTOPPED,sig=SIGTRAP',
    'Process 9 detached',
  ])('a message of strace: %s', (line) => {
    expect(classes(read(line))).toEqual({ notice: 1 });
  });

  test('a change of mode, where the only process shows its number nowhere else, is about that process', () => {
    const log = [
      'execve("./m64", ["./m64"], 0x7ffe265dabe0 /* 39 vars */) = 0',
      '[ Process PID=1164 runs in 32 bit mode. ]',
      'getpid()                                = 1164',
      '[ Process PID=1164 runs in 64 bit mode. ]',
      'fork()                                  = 1165',
      '[pid  1165] execve("./m64", ["./m64"], 0x7ffe265dabe0 /* 39 vars */) = 0',
      '[pid  1165] [ Process PID=1165 runs in 32 bit mode. ]',
      '[pid  1164] getuid()                    = 0',
    ].join('\n');
    expect(read(log).events.map(({ pid }) => pid)).toEqual([0, 0, 0, 0, 0, 1165, 1165, 0]);
  });
});
