import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { constants } from '../../src/trace/linux-constants.ts';
import { parseArguments } from '../../src/trace/parse-arguments.ts';
import {
  elements,
  fdNumber,
  fdPath,
  field,
  flagsOf,
  hasFlag,
  numberOf,
  stringBytes,
} from '../../src/trace/values.ts';
import { show } from './reading.ts';

const raw = String.raw;

describe('arguments', () => {
  test.each([
    ['', []],
    ['NULL', ['NULL']],
    ['-1, 0x7f, 0644', ['-1', '0x7f', '0644']],
    [raw`"\t\n\v\f\r\33\"\\"`, [raw`"\t\n\u000b\f\r\u001b\"\\"`]],
    [raw`"caf\303\251", "caf\xc3\xa9", "\18"`, ['"cafÃ©"', '"cafÃ©"', '"\\u00018"']],
    [raw`"a\x001b"`, [raw`"a\u00001b"`]],
    ['""...', ['""…']],
    [
      raw`{sa_family=AF_UNIX, sun_path=@"abs<t>\1"}, 110`,
      [raw`{sa_family: AF_UNIX; sun_path: @"abs<t>\u0001"}`, '110'],
    ],
    ['3</etc/passwd>', ['fd 3 </etc/passwd>']],
    ['5</tmp/gone>(deleted)', ['fd 5 </tmp/gone> gone']],
    ['5</tmp/gone (deleted)>', ['fd 5 </tmp/gone> gone']],
    ['4</tmp/x/#2222833>(deleted), 1', ['fd 4 </tmp/x/#2222833> gone', '1']],
    ['AT_FDCWD</tmp/dd (deleted)>, "x"', ['fd AT_FDCWD </tmp/dd> gone', '"x"']],
    ['6</dev/null<char 1:3>>', ['fd 6 </dev/null> char 1:3']],
    ['7</dev/ptmx<char 5:2 @/dev/pts/0>>, TCGETS', ['fd 7 </dev/ptmx> char 5:2 @/dev/pts/0', 'TCGETS']],
    ['9</dev/loop0<block 7:0>>(deleted)', ['fd 9 </dev/loop0> block 7:0 gone']],
    [raw`7</tmp/a\74b\76c>`, ['fd 7 </tmp/a<b>c>']],
    [
      '9<pipe:[942769]>, 12<anon_inode:[eventpoll]>, 16<anon_inode:inotify>',
      ['fd 9 <pipe:[942769]>', 'fd 12 <anon_inode:[eventpoll]>', 'fd 16 <anon_inode:inotify>'],
    ],
    ['26<TCPv6:[[::1]:60263]>', ['fd 26 <TCPv6:[[::1]:60263]>']],
    ['19<UNIX-STREAM:[1->2,@"abs\\"x"]>', ['fd 19 <UNIX-STREAM:[1->2,@"abs"x"]>']],
    [
      '13<{eventfd-count=0x5, eventfd-id=1, eventfd-semaphore=0}>',
      ['fd 13 <{eventfd-count=0x5, eventfd-id=1, eventfd-semaphore=0}>'],
    ],
    ['14<signalfd:[INT RT_2]>', ['fd 14 <signalfd:[INT RT_2]>']],
    ['~[KILL STOP], [INT RT_2], [CHLD], []', ['~[KILL STOP]', '[INT RT_2]', '[CHLD]', '[]']],
    ['8192*1024, RLIM64_INFINITY, 1<<X', ['8192*1024', 'RLIM64_INFINITY', '1<<X']],
    ['FUTEX_OP_SET<<28|0<<12|FUTEX_OP_CMP_GT<<24|0x1', ['FUTEX_OP_SET<<28|0<<12|FUTEX_OP_CMP_GT<<24|0x1']],
    ['O_WRONLY|O_SYNC|0x40000000, 0x270f /* PR_??? */', ['O_WRONLY|O_SYNC|0x40000000', '0x270f']],
    ['SNDCTL_TMR_START or TCSETS, {c_iflags=0x4500}', ['SNDCTL_TMR_START or TCSETS', '{c_iflags: 0x4500}']],
    [
      '{sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("1.2.3.4")}',
      ['{sa_family: AF_INET; sin_port: htons(80); sin_addr: inet_addr("1.2.3.4")}'],
    ],
    [
      '{sa_family=AF_INET6, sin6_port=htons(5), inet_pton(AF_INET6, "::1", &sin6_addr), sin6_scope_id=if_nametoindex("lo")}',
      [
        '{sa_family: AF_INET6; sin6_port: htons(5); : inet_pton(AF_INET6; "::1"; &sin6_addr); sin6_scope_id: if_nametoindex("lo")}',
      ],
    ],
    ['3, _IOC(_IOC_READ, 0x56, 0x78, 0x4), 0x7ff', ['3', '_IOC(_IOC_READ; 0x56; 0x78; 0x4)', '0x7ff']],
    ['QCMD(Q_GETQUOTA, USRQUOTA), "/dev/sda"', ['QCMD(Q_GETQUOTA; USRQUOTA)', '"/dev/sda"']],
    [
      raw`{sa_family=0x2, sin_port="\xa9\x2f", sin_addr="\x7f\x00\x00\x01"}`,
      [
        raw`{sa_family: 0x2; sin_port: "©/"; sin_addr: "\u0000\u0000\u0001"}`.replace(
          '"\\u0000',
          '"\x7f\\u0000',
        ),
      ],
    ],
    ['-100, "/tmp", , 0xfff', ['-100', '"/tmp"', '', '0xfff']],
    [
      '0x90000 /* O_RDONLY|O_CLOEXEC */, flags=0x1200000 /* CLONE_X, (y */|17 /* SIGCHLD */',
      ['0x90000', '0x1200000|17'],
    ],
    [raw`"\x84\x75" /* htons(33909) */, 1`, [raw`"u"`.replace('"u', '"\x84u'), '1']],
    ['{st_mode=S_IFREG|0644, st_size=5, ...}', ['{st_mode: S_IFREG|0644; st_size: 5 …}']],
    ['{...}, [...]', ['{ …}', '[ …]']],
    ['["a", "b"..., 0x7f11], ["x", ... /* 0x7f11 */]', ['["a"; "b"…; 0x7f11]', '["x" …]']],
    ['[BR_MCAST_DIR_RX]=0', ['[BR_MCAST_DIR_RX]']],
    ['[[BR_MCAST_DIR_RX]=0, [BR_MCAST_DIR_TX]=1]', ['[0; 1]']],
    ['[128 => 16], [128->16], [16]', ['[128 ⇒ 16]', '[128 ⇒ 16]', '[16]']],
    [
      '{msg_namelen=110 => 0, msg_iov=[{iov_base="x", iov_len=1}]}',
      ['{msg_namelen: 110 ⇒ 0; msg_iov: [{iov_base: "x"; iov_len: 1}]}'],
    ],
    [
      '{flags=CLONE_THREAD, exit_signal=0} => {parent_tid=[17468]}, 88',
      ['{flags: CLONE_THREAD; exit_signal: 0} ⇒ {parent_tid: [17468]}', '88'],
    ],
    ['dirfd=AT_FDCWD, pathname="/x", flags=O_RDONLY', ['AT_FDCWD', '"/x"', 'O_RDONLY']],
    ['"/x", ["sh"], [/* 35 vars */]', ['"/x"', '["sh"]', '[]']],
    ['"/x", ["a,b", "c\\"]"], 0x7ffd /* 5 vars, unterminated */', ['"/x"', '["a,b"; "c\\"]"]', '0x7ffd']],
    [
      '-1, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL && WCOREDUMP(s)}], 0',
      ['-1', '[{: WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL && WCOREDUMP(s)}]', '0'],
    ],
    ['{{EPOLLIN, {u32=7, u64=7}}}, 1', ['{: {: EPOLLIN; : {u32: 7; u64: 7}}}', '1']],
    ['5, [3<socket:[1]> 4<pipe:[2]>], NULL', ['5', '[fd 3 <socket:[1]>; fd 4 <pipe:[2]>]', 'NULL']],
    [
      '[{cmsg_len=20, cmsg_type=SCM_RIGHTS, cmsg_data=[4</x>]}]',
      ['[{cmsg_len: 20; cmsg_type: SCM_RIGHTS; cmsg_data: [fd 4 </x>]}]'],
    ],
    ['<... resuming interrupted clock_nanosleep ...>', ['<... resuming interrupted clock_nanosleep ...>']],
    [raw`0, TIOCSTI, '\xef'`, ['0', 'TIOCSTI', raw`'\xef'`]],
    ['{l_type=F_WRLCK, l_pid=7<sh>}', ['{l_type: F_WRLCK; l_pid: fd 7 <sh>}']],
    [
      '{filter=[BPF_STMT(BPF_LD|BPF_W|BPF_ABS, 0x4), BPF_JUMP(BPF_JMP|BPF_JEQ|BPF_K, 0x3e, 0, 0x1)]}',
      ['{filter: [BPF_STMT(BPF_LD|BPF_W|BPF_ABS; 0x4); BPF_JUMP(BPF_JMP|BPF_JEQ|BPF_K; 0x3e; 0; 0x1)]}'],
    ],
  ])('%s', (text, values) => {
    expect(parseArguments(text).map(show)).toEqual(values);
  });

  test('what was printed of an interrupted call', () => {
    expect(parseArguments('-1, ', true).map(show)).toEqual(['-1']);
    expect(parseArguments('3</x>, "a"', true).map(show)).toEqual(['fd 3 </x>', '"a"']);
  });

  test('any bytes come back through any way to escape them', () => {
    const octal = (byte: number) => `\\${byte.toString(8).padStart(3, '0')}`;
    const hex = (byte: number) => `\\x${byte.toString(16).padStart(2, '0')}`;
    const plain = (byte: number) =>
      byte < 32 || byte > 126 || byte === 34 || byte === 92 ? octal(byte) : String.fromCharCode(byte);
    fc.assert(
      fc.property(fc.uint8Array(), fc.constantFrom(octal, hex, plain), (bytes, written) => {
        const text = [...bytes].map(written).join('');
        const [value] = parseArguments(`"${text}"`);
        expect(stringBytes(value)).toBe(Buffer.from(bytes).toString('latin1'));
      }),
    );
  });
});

describe('questions about values', () => {
  const [one] = [(text: string) => parseArguments(text)[0]];

  test.each([
    ['3', 3],
    ['3</x>', 3],
    ['AT_FDCWD', -100],
    ['AT_FDCWD</tmp>', -100],
    ['-100', -100],
    ['0xffffff9c', -100],
    ['0xffffffffffffff9c', -100],
    ['-100 /* AT_FDCWD */', -100],
    ['0xffffffff', -1],
    ['NULL', undefined],
    ['"3"', undefined],
  ])('the descriptor %s', (text, number) => {
    expect(fdNumber(one(text))).toBe(number);
  });

  test.each([
    ['3</etc/passwd>', '/etc/passwd'],
    ['3</tmp/gone>(deleted)', '/tmp/gone'],
    ['3</dev/null<char 1:3>>', '/dev/null'],
    ['3<pipe:[1]>', undefined],
    ['3', undefined],
  ])('the path of %s', (text, path) => {
    expect(fdPath(one(text))).toBe(path);
  });

  test.each([
    ['10', 10],
    ['0x10', 16],
    ['010', 8],
    ['8192*1024', 8388608],
    ['makedev(0x8, 0x11)', 8 * 2 ** 20 + 17],
    ['makedev(8, 17)', 8 * 2 ** 20 + 17],
    ['htons(80)', 80],
    ['[128 => 16]', undefined],
    ['110 => 16', 16],
    ['O_RDONLY', undefined],
  ])('the number %s', (text, number) => {
    expect(numberOf(one(text))).toBe(number);
  });

  test.each([
    ['O_RDWR|O_CLOEXEC', 'O_CLOEXEC', true],
    ['O_RDWR|O_CLOEXEC', 'O_CREAT', false],
    ['O_RDWR|O_CLOEXEC', 'O_RDWR', true],
    ['O_RDWR|0x40000000', 'O_WRONLY', false],
    ['0x80002', 'O_CLOEXEC', true],
    ['0x80002', 'O_RDWR', true],
    ['0x80002', 'O_WRONLY', false],
    ['0x80002', 'O_RDONLY', false],
    ['0', 'O_RDONLY', true],
    ['0x90000 /* O_RDONLY|O_DIRECTORY|O_CLOEXEC */', 'O_DIRECTORY', true],
    ['0x410000', 'O_TMPFILE', true],
    ['0x10000', 'O_TMPFILE', false],
    ['0x1', 'AF_UNIX', true],
    ['0x11', 'AF_UNIX', false],
    ['0x5', 'PROT_EXEC', true],
    ['0x22', 'MAP_ANONYMOUS', true],
    ['0x7', 'O_NONSENSE', false],
  ])('%s has %s: %s', (text, name, has) => {
    expect(hasFlag(one(text), name)).toBe(has);
  });

  test('members, items and sets', () => {
    const change = one('{flags=0, a=1} => {parent_tid=[9]}');
    expect(elements(field(change, 'parent_tid')).map(numberOf)).toEqual([9]);
    expect(numberOf(field(change, 'a'))).toBe(1);
    expect(elements(one('[INT RT_2]')).map(show)).toEqual(['INT', 'RT_2']);
    expect([...flagsOf(one('A|B'))]).toEqual(['A', 'B']);
    expect(field(one('3'), 'a')).toBeUndefined();
  });

  test('every constant fits in its mask', () => {
    for (const { value, mask } of Object.values(constants))
      expect(BigInt(value) & BigInt(mask)).toBe(BigInt(value));
  });
});
