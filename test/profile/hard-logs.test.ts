import { describe, expect, test } from 'vitest';
import { mostNames } from '../../src/profile/path-names-kept.ts';
import { profileSchema } from '../../src/profile/profile.ts';
import { done, profileOf, profileOfSet } from './reading.ts';

/** What logs hold that no program here can be made to do at will. The forms of the lines are strace's (4.8 to 7.2). */

const start = '100 execve("/bin/d", ["d"], 0x7ffe /* 3 vars */) = 0';

describe('whose child is it', () => {
  const twoAtOnce = [
    start,
    '100 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD, child_tidptr=0x7f1) = 200',
    '200 chdir("/two") = 0',
    '100 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD, child_tidptr=0x7f1 <unfinished ...>',
    '200 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD, child_tidptr=0x7f1 <unfinished ...>',
    '201 openat(AT_FDCWD, "of-200", O_RDONLY) = 3',
    '101 openat(AT_FDCWD, "of-100", O_RDONLY) = 3',
    '201 unlink("also-of-200") = 0',
  ];

  test('two clones at once: the results tell, not the order of the lines', () => {
    const profile = profileOf([
      ...twoAtOnce,
      '200 <... clone resumed>) = 201',
      '100 <... clone resumed>) = 101',
    ]);
    expect(done(profile)).toEqual([
      'enter /two',
      'read /two/of-200',
      'read /w/of-100',
      'remove /two/also-of-200',
    ]);
    expect(profile.limits).toEqual([]);
  });

  test('two clones at once, and the log ends before their results: a guess, and a word about it', () => {
    expect(profileOf(twoAtOnce).limits.join()).toMatch(/several others at once/);
  });

  test('a child that has ended before the clone returns is not born a second time, with numbers and on a terminal', () => {
    const withNumbers = [
      start,
      '100 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD <unfinished ...>',
      '201 unlink("x") = 0',
      '201 +++ exited with 0 +++',
      '100 <... clone resumed>, child_tidptr=0x7f1) = 201',
    ];
    const onTerminal = [
      start.slice('100 '.length),
      'clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLDstrace: Process 201 attached',
      ' <unfinished ...>',
      '[pid   201] unlink("x") = 0',
      '[pid   201] +++ exited with 0 +++',
      '<... clone resumed>, child_tidptr=0x7f1) = 201',
    ];
    for (const lines of [withNumbers, onTerminal]) {
      const profile = profileOf(lines);
      expect(done(profile)).toEqual(['remove /w/x']);
      expect(profile.limits).toEqual([]);
    }
  });

  test('clone in the forms of -X raw and -e raw=', () => {
    for (const clone of [
      'clone(child_stack=NULL, flags=0x50f00, child_tidptr=0x7f1200000)',
      'clone(0x50f00, 0x7f1200000, 0x7f1210000, 0x7f1210000, 0)',
      'clone3({flags=0x50f00, exit_signal=0, stack=0x7f1200000, stack_size=0x9000}, 88)',
    ]) {
      const profile = profileOf([
        start,
        `100 ${clone} = 0x65`,
        '101 chdir("/there") = 0',
        '100 unlink("x") = 0',
      ]);
      expect(done(profile)).toEqual(['enter /there', 'remove /there/x']);
      expect(profile.privileged).toEqual([]);
    }
  });

  test.each([
    ['with its end', '101 +++ exited with 0 +++'],
    ['without one, as under -qq', ''],
  ])('a number that is used again is another process, %s', (_name, end) => {
    const profile = profileOf([
      start,
      '100 fork() = 101',
      '101 chdir("/old") = 0',
      '101 exit_group(0) = ?',
      ...(end === '' ? [] : [end]),
      '100 fork() = 101',
      '101 unlink("x") = 0',
    ]);
    expect(done(profile)).toEqual(['enter /old', 'remove /w/x']);
  });

  test('a child in another pid namespace is the next to appear', () => {
    const profile = profileOf([
      start,
      '100 unshare(CLONE_NEWPID) = 0',
      '100 fork() = 101',
      '101 chdir("/in") = 0',
      '101 fork() = 2',
      '102 unlink("x") = 0',
    ]);
    expect(done(profile)).toEqual(['enter /in', 'remove /in/x']);
    expect(profile.limits).toEqual([]);
  });
});

describe('what a log that begins in the middle can tell', () => {
  const lines = [
    '100 epoll_wait(8, [], 512, -1) = 0',
    '100 fchmod(5, 0600) = 0',
    '100 openat(7, "in", O_RDONLY) = 9',
    '100 fchown(9, 1, 1) = 0',
  ];

  test('without annotations: what is not known is left out, and the profile says so', () => {
    const profile = profileOf(lines);
    expect(done(profile)).toEqual([]);
    expect(Object.keys(profile.unresolved)).toEqual(['in']);
    expect(profile.limits.join('\n')).toMatch(/descriptors that were opened before the log/);
    expect(profile.limits.join('\n')).toMatch(/began before the log/);
  });

  test('with -y the annotations stand in', () => {
    const profile = profileOf([
      '100 fchmod(5</var/log/x>, 0600) = 0',
      '100 openat(7</srv>, "in", O_RDONLY) = 9</srv/in>',
      '100 fchown(9, 1, 1) = 0',
      '100 fchmod(6</gone>(deleted), 0600) = 0',
    ]);
    expect(done(profile)).toEqual(['chmod /var/log/x', 'chown /srv/in', 'read /srv/in']);
    expect(profile.unresolved).toEqual({});
  });

  test('whom a process takes itself for puts right what was assumed', () => {
    const profile = profileOf(['100 geteuid() = 33', '100 unlink("/x") = 0']);
    expect(profile.paths['/x']?.remove?.as).toEqual(['33']);
  });
});

describe('results that are none', () => {
  test('the last call of a thread that its group ends may show the number of exit_group', () => {
    const threads = [
      start,
      '100 clone(child_stack=0x7f1, flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_THREAD, tls=0x7f2) = 101',
    ];
    const phantom = '101 openat(AT_FDCWD, "/phantom", O_RDWR|O_CREAT, 0600) = 231';
    expect(
      done(profileOf([...threads, phantom, '100 exit_group(0) = ?', '101 +++ exited with 0 +++'])),
    ).toEqual([]);
    const real = [...threads, phantom, '101 fchmod(231, 0600) = 0', '101 +++ exited with 0 +++'];
    expect(done(profileOf(real))).toEqual([
      'chmod /phantom',
      'create /phantom',
      'read /phantom',
      'write /phantom',
    ]);
    const sibling = [...threads, phantom, '100 fchmod(231, 0600) = 0', '101 +++ exited with 0 +++'];
    expect(done(profileOf(sibling))).toContain('chmod /phantom');
  });

  test('restarts, made-up answers and errors that no kernel has are neither done nor tried', () => {
    const profile = profileOf([
      start,
      '100 openat(AT_FDCWD, "/a", O_RDONLY) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)',
      '100 openat(AT_FDCWD, "/b", O_RDONLY) = 3 (INJECTED)',
      '100 openat(AT_FDCWD, "/c", O_RDONLY) = -1 ENOENT (No such file or directory) (INJECTED)',
      '100 openat(AT_FDCWD, "/d", O_RDONLY) = -1 (errno 18446744073709551514)',
      '100 openat(AT_FDCWD, "/e", O_RDONLY <unfinished ...>) = ?',
      '100 openat(AT_FDCWD, "/f", O_RDONLY) = 3 (DELAYED)',
    ]);
    expect(done(profile)).toEqual(['read /f']);
    expect(profile.tried).toEqual({});
  });
});

describe('descriptors that are sent', () => {
  const pair = [
    start,
    '100 socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0',
    '100 fork() = 101',
    '100 openat(AT_FDCWD, "/a", O_RDONLY) = 5',
    '100 openat(AT_FDCWD, "/b", O_RDONLY) = 6',
  ];
  const send = (fd: number) =>
    `100 sendmsg(3, {msg_name=NULL, msg_iov=[{iov_base="x", iov_len=1}], msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[${fd}]}], msg_flags=0}, 0`;
  const receive =
    '101 recvmsg(4, {msg_name=NULL, msg_iov=[{iov_base="x", iov_len=1}], msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[9]}], msg_flags=0}, 0) = 1';

  test('one under way is the one that arrives, also before its sender returns', () => {
    expect(done(profileOf([...pair, `${send(5)}) = 1`, receive, '101 fchmod(9, 0) = 0']))).toContain(
      'chmod /a',
    );
    const early = [
      ...pair,
      `${send(6)} <unfinished ...>`,
      receive,
      '100 <... sendmsg resumed>) = 1',
      '101 fchmod(9, 0) = 0',
    ];
    expect(done(profileOf(early))).toContain('chmod /b');
  });

  test('of several under way none is taken for the one that arrives', () => {
    const profile = profileOf([
      ...pair,
      `${send(5)}) = 1`,
      `${send(6)}) = 1`,
      receive,
      '101 fchmod(9, 0) = 0',
    ]);
    expect(done(profile).filter((line) => line.startsWith('chmod'))).toEqual([]);
    expect(profile.limits.join()).toMatch(/descriptors/);
  });
});

describe('other ABIs', () => {
  test('names that only 32-bit programs use tell where strace wrote no notice', () => {
    const profile = profileOf([start, '100 mmap2(NULL, 8192, PROT_READ, MAP_PRIVATE, 3, 0) = 0xf7f00000']);
    expect(profile.abis['32 bit']).toMatchObject({ call: 'mmap2', count: 1 });
    expect(profileOf([start, '100 mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, 3, 0) = 0x7f']).abis).toEqual({});
  });
});

describe('what can’t be told is said', () => {
  test.each([
    ['a path that is an address', '100 openat(0xffffff9c, 0x7f2e97cca0b1, 0x80000, 0) = 0x3', /address/],
    ['io_uring', '100 io_uring_setup(8, {flags=0}) = 3', /io_uring/],
    ['handles', '100 open_by_handle_at(3, {handle_bytes=8}, O_RDONLY) = 4', /open_by_handle_at/],
  ])('%s', (_name, line, limit) => {
    expect(profileOf([start, line]).limits.join()).toMatch(limit);
  });

  test('a mount in a namespace of its own', () => {
    const mount = '100 mount("tmpfs", "/p", "tmpfs", 0, NULL) = 0';
    expect(profileOf([start, mount]).limits).toEqual([]);
    expect(profileOf([start, '100 unshare(CLONE_NEWNS) = 0', mount]).limits.join()).toMatch(
      /mount namespace/,
    );
  });

  test('a changed root that nobody knows: absolute paths are not placed', () => {
    const profile = profileOf([
      '100 chroot("jail") = 0',
      '101 getpid() = 1',
      '101 chroot("x") = 0',
      '101 unlink("/a") = 0',
    ]);
    expect(Object.keys(profile.unresolved)).toEqual(['/a', 'x']);
  });
});

describe('a file for each task (-ff)', () => {
  test('a number that meant two files is not guessed, one that meant one is known', () => {
    const flags = 'CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD';
    const profile = profileOfSet({
      100: [
        'execve("/bin/d", ["d"], 0x7ffe /* 3 vars */) = 0',
        'openat(AT_FDCWD, "/one", O_RDONLY) = 3',
        `clone(child_stack=0x7f1, flags=${flags}, tls=0x7f2) = 101`,
        'openat(AT_FDCWD, "/kept", O_RDONLY) = 4',
        'close(3) = 0',
        'openat(AT_FDCWD, "/two", O_RDONLY) = 3',
        'exit_group(0) = ?',
        '+++ exited with 0 +++',
      ],
      101: ['fchmod(3, 0600) = 0', 'fchmod(4, 0600) = 0', '+++ exited with 0 +++'],
    });
    expect(done(profile).filter((line) => line.startsWith('chmod'))).toEqual(['chmod /kept']);
    expect(profile.limits.join()).toMatch(/descriptors/);
  });
});

describe('a daemon that makes a new name for every request', () => {
  function* requests(count: number): Generator<string> {
    yield start;
    for (let at = 0; at < count; at++) {
      yield `100 mkdir("/tmp/r${at}", 0700) = 0`;
      yield `100 openat(AT_FDCWD, "/tmp/r${at}/data", O_RDWR|O_CREAT, 0600) = 3`;
      yield '100 close(3) = 0';
      yield `100 rename("/tmp/r${at}/data", "/srv/d${at}") = 0`;
      yield `100 stat("/lost/${at}", 0x7ffe) = -1 ENOENT (No such file or directory)`;
    }
  }

  test('has a profile of bounded size, which still says where it writes', () => {
    const profile = profileOf(requests(3 * mostNames));
    expect(Object.keys(profile.paths).length).toBeLessThan(4 * mostNames);
    expect(Object.keys(profile.tried).length).toBeLessThanOrEqual(mostNames + 1);
    expect(profile.moves.length).toBeLessThanOrEqual(3 * mostNames);
    // What had no room of its own counts for the directory: whoever may write there may make the name.
    expect(profile.paths['/tmp']?.write?.count).toBeGreaterThan(mostNames);
    expect(profile.paths['/srv']?.write?.count).toBeGreaterThan(mostNames);
    expect(profile.limits.join('\n')).toMatch(/More names were used in "\/tmp"/);
    expect(profile.limits.length).toBeLessThan(10);
    expect(profileSchema.parse(JSON.parse(JSON.stringify(profile)))).toEqual(profile);
  });

  test('below the bound each name stands for itself', () => {
    const profile = profileOf(requests(10));
    expect(profile.limits).toEqual([]);
    expect(profile.paths['/tmp/r9']).toBeDefined();
  });
});
