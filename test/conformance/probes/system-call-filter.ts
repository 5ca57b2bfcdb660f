import { each, type ProbeFile, someUser } from '../probe.ts';

const eperm = 'SystemCallErrorNumber=EPERM';
const mkdir = "make_directory('@/n')";
const settime = "call('settimeofday', 0, 0)";
const clone3 = "past('EINVAL', lambda: call('clone3', 0, 0))";
const thread = 'thread()';

export default {
  directive: 'SystemCallFilter',
  probes: [
    ...each('SystemCallFilter=~mkdir mkdirat', [mkdir, "read('@/f')"]),
    ...each(['SystemCallFilter=~mkdir mkdirat', eperm], [mkdir, "read('@/f')"]),
    ...each(['SystemCallFilter=~mkdir mkdirat', eperm], [mkdir], {
      user: someUser,
    }),
    ...each('SystemCallFilter=~mkdir:EACCES mkdirat:EACCES', [mkdir]),
    ...each(['SystemCallFilter=~mkdir:kill', eperm], [mkdir]),
    ...each(['SystemCallFilter=~mkdir', 'SystemCallErrorNumber=ENOSPC'], [mkdir]),
    ...each(['SystemCallFilter=~mkdir', 'SystemCallErrorNumber=5000'], [mkdir]),
    ...each(['SystemCallFilter=~mkdir', 'SystemCallErrorNumber=EPERM', 'SystemCallErrorNumber='], [mkdir]),
    ...each(
      ['SystemCallFilter=~mkdir', 'SystemCallErrorNumber=EPERM', 'SystemCallErrorNumber=kill'],
      [mkdir],
    ),
    ...each(['SystemCallFilter=~mkdir', 'SystemCallErrorNumber=1'], [mkdir]),
    ...each(['SystemCallFilter=~mkdir', 'SystemCallFilter='], [mkdir]),
    // The first line decides whether it is a list of what is allowed.
    ...each(
      ['SystemCallFilter=~@mount', 'SystemCallFilter=@system-service', eperm],
      [settime, "call('chroot', b'/')"],
    ),
    ...each(['SystemCallFilter=~mkdir rmdir', 'SystemCallFilter=mkdir', eperm], [mkdir]),
    ...each(['SystemCallFilter=@system-service', 'SystemCallFilter=~mkdir', eperm], [mkdir]),
    ...each(['SystemCallFilter=@system-service', 'SystemCallFilter=~mkdir:ENOTDIR', eperm], [mkdir, settime]),
    ...each(['SystemCallFilter=@system-service', 'SystemCallFilter=mkdir:ENOTDIR', eperm], [mkdir]),
    ...each(
      ['SystemCallFilter=@system-service', eperm],
      [
        mkdir,
        settime,
        thread,
        'os.pipe()',
        "os.chown('@/f', 1, 1)",
        "past('EINVAL', lambda: call('seccomp', 9, 9, 9))",
        "call('personality', 0xffffffff)",
        "call('memfd_create', b'x', 0)",
        "past('EINVAL', lambda: call('bpf', 1000, 0, 0))",
        "past('EFAULT', lambda: call('io_uring_setup', 1, 0))",
        "past('EINVAL', lambda: call('landlock_create_ruleset', 0, 0, 9))",
        "call('mincore', pages(3), 4096, ctypes.create_string_buffer(8))",
        "call('getcpu', 0, 0, 0)",
        "call('syslog', 10, 0, 0)",
        "run('/usr/bin/true')",
      ],
    ),
    ...each(
      ['SystemCallFilter=@system-service', 'SystemCallFilter=~@privileged @resources', eperm],
      [
        "os.chown('@/f', 1, 1)",
        'os.setgid(0)',
        'os.setuid(0)',
        'os.setpriority(os.PRIO_PROCESS, 0, 5)',
        mkdir,
      ],
    ),
    ...each(['SystemCallFilter=~@ipc', eperm], ['os.pipe()', 'os.pipe2(0)', mkdir]),
    ...each(
      ['SystemCallFilter=~@debug @obsolete', eperm],
      [
        "past('EFAULT', lambda: call('perf_event_open', 0, 0, 0, 0, 0))",
        "past('EFAULT', lambda: call('ustat', os.stat('/').st_dev, 0))",
      ],
    ),
    ...each(
      ['SystemCallFilter=~@clock', eperm],
      [settime, "call('adjtimex', ctypes.create_string_buffer(256))", 'time.time()'],
    ),
    // With EPERM libc begins no thread; with ENOSYS it takes clone.
    ...each(['SystemCallFilter=~clone3', eperm], [clone3, thread]),
    ...each('SystemCallFilter=~clone3:ENOSYS', [clone3]),
    ...each('SystemCallFilter=~clone3:ENOSYS', [thread], {
      differs: { why: 'ENOSYS makes libc take clone instead, so nothing that needs a thread is refused.' },
    }),
    ...each('SystemCallFilter=~no_such_call mkdir', [mkdir]),
    ...each('SystemCallFilter=~@no-such-group', [mkdir]),
    {
      lines: ['SystemCallFilter=@system-service', eperm],
      act: "past('ENOSYS', lambda: call(600))",
      differs: {
        why: 'A call without a name meets the errno of the list until 254, which `infer` warns of; no list can be judged by its number.',
        in: (version) => version < 255,
      },
    },
  ],
} satisfies ProbeFile;
