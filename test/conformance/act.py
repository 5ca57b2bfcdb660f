"""Does one act, in Python, and says what became of it: ok, an errno, or less (it worked, but what it is for was not there).

act.py HEX   runs the text of which these are the bytes, with the names below at hand
"""
import ctypes
import errno
import fcntl
import mmap
import os
import resource
import signal
import socket
import stat
import struct
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
libc.mmap.restype = ctypes.c_void_p
RX, WX = mmap.PROT_READ | mmap.PROT_EXEC, mmap.PROT_WRITE | mmap.PROT_EXEC

# x86-64; from 424 on all architectures count alike.
NUMBERS = {
    'mprotect': 10, 'shmget': 29, 'shmat': 30, 'clone': 56, 'semget': 64, 'msgget': 68, 'creat': 85, 'mknod': 133, 'ustat': 136,
    'personality': 135, 'vhangup': 153, 'modify_ldt': 154, 'pivot_root': 155, 'sysctl': 156, 'adjtimex': 159, 'chroot': 161,
    'acct': 163, 'settimeofday': 164, 'mount': 165, 'umount2': 166, 'swapon': 167, 'reboot': 169, 'iopl': 172, 'ioperm': 173,
    'init_module': 175, 'delete_module': 176, 'quotactl': 179, 'add_key': 248, 'keyctl': 250, 'ioprio_set': 251, 'mbind': 237,
    'set_mempolicy': 238, 'kexec_load': 246, 'unshare': 272, 'timerfd_create': 283, 'perf_event_open': 298, 'fanotify_init': 300,
    'name_to_handle_at': 303, 'clock_adjtime': 305, 'setns': 308, 'kcmp': 312, 'finit_module': 313, 'sched_setattr': 314,
    'seccomp': 317, 'memfd_create': 319, 'bpf': 321, 'userfaultfd': 323, 'syslog': 103, 'pkey_mprotect': 329,
    'pkey_alloc': 330, 'io_uring_setup': 425, 'open_tree': 428, 'clone3': 435, 'openat2': 437, 'pidfd_getfd': 438,
    'landlock_create_ruleset': 444, 'memfd_secret': 447, 'fchmodat2': 452, 'cachestat': 451, 'mincore': 27, 'getcpu': 309,
    'sched_setscheduler': 144, 'clock_settime': 227, 'timer_create': 222, 'chmod': 90, 'fchmodat': 268, 'socket': 41,
    'process_vm_readv': 310, 'ptrace': 101, 'mlock': 149, 'prctl': 157, 'capset': 126, 'shmctl': 31,
}


class Less(Exception):
    pass


def check(number):
    if number == -1:
        raise OSError(ctypes.get_errno(), '')
    return number


def call(name, *arguments):
    """A system call, by name or number; what it takes as a long is given as one."""
    wide = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return check(libc.syscall(ctypes.c_long(NUMBERS.get(name, name)), *wide))


def past(name, act):
    """The act fails of itself with that errno, but only after the kernel has asked whether it is allowed."""
    try:
        act()
    except OSError as error:
        if errno.errorcode[error.errno] != name:
            raise


def expect(holds):
    if not holds:
        raise Less()


def read(path):
    with open(path, 'rb') as file:
        return file.read(64)


def write(path, data=b'data'):
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, data)
    finally:
        os.close(fd)


def create(path, mode=0o644):
    """A new file, which does not stay."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
    os.unlink(path)


def make_directory(path, mode=0o755):
    os.mkdir(path, mode)
    os.rmdir(path)


def run(*argv, status=0):
    """Another program: what execve says, or that it did not end as it should."""
    done = os.waitpid(os.posix_spawn(argv[0], argv, {'PATH': '/usr/bin:/bin'}), 0)[1]
    expect(os.waitstatus_to_exitcode(done) == status)


def mapped(path, protection):
    fd = os.open(path, os.O_RDONLY)
    try:
        size = os.fstat(fd).st_size
        if size == 0:
            raise Less()
        mmap.mmap(fd, size, mmap.MAP_PRIVATE, protection).close()
    finally:
        os.close(fd)


def pages(protection):
    at = libc.mmap(None, ctypes.c_long(4096), protection, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, ctypes.c_long(0))
    if at == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), '')
    return at


def protect(at, protection):
    return check(libc.mprotect(ctypes.c_void_p(at), ctypes.c_long(4096), protection))


def opened(family, kind=socket.SOCK_STREAM, protocol=0):
    return socket.socket(family, kind, protocol)


def netlink(protocol, *messages, groups=0, to=0):
    """Asks the kernel, one (kind, flags, body) after the other; what it answers is what becomes of it."""
    asked = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
    asked.bind((0, groups))
    for kind, flags, body in messages:
        # NLM_F_REQUEST and NLM_F_ACK: each message is answered.
        header = struct.pack('=IHHII', 16 + len(body), kind, flags | 5, 1, 0)
        asked.sendto(header + body, (0, to))
        answer = asked.recv(65536)
        refused = -struct.unpack_from('=i', answer, 16)[0] if struct.unpack_from('=H', answer, 4)[0] == 2 else 0
        if refused:
            raise OSError(refused, '')


def segment_of_others(key):
    """A System V segment of another user, which everybody may read."""
    number = call('shmget', key, 0, 0)
    call('shmctl', number, 2, ctypes.create_string_buffer(200))
    return number


def copy(path, new):
    """A program of one's own."""
    with open(path, 'rb') as old, open(new, 'wb') as file:
        file.write(old.read())
    os.chmod(new, 0o755)


def thread():
    """Whether a second thread can be begun, the way that libc does it."""
    import _thread
    try:
        _thread.start_new_thread(lambda: None, ())
    except RuntimeError:
        # It does not say what clone answered.
        raise Less()


def child(act):
    """In a process of its own, because it can't be taken back."""
    told, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(tell, outcome(act).encode())
        os._exit(0)
    os.close(tell)
    status = os.waitpid(pid, 0)[1]
    said = os.read(told, 100).decode()
    os.close(told)
    if os.WIFSIGNALED(status):
        os.kill(os.getpid(), os.WTERMSIG(status))
    if said == 'less':
        raise Less()
    if said != 'ok':
        raise OSError(getattr(errno, said), '')


def as_user(act, uid=2):
    """As another user than those that probes run as."""
    def changed():
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
        act()
    child(changed)


def group():
    """The control group of the unit."""
    with open('/proc/self/cgroup') as file:
        return [line for line in file.read().split('\n') if line.startswith('0::')][0][3:]


def tell_systemd(word):
    """A word to systemd, and whether it was heard: as long as nothing else is said, systemd has no other."""
    import subprocess
    opened(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(f'STATUS={word}'.encode(), '/run/systemd/notify')
    ask = ['/usr/bin/systemctl', 'show', '-P', 'StatusText', group().split('/')[-1]]
    # Answered after what came before it on the other socket, but for a moment.
    for _ in range(10):
        if subprocess.run(ask, capture_output=True, text=True).stdout.strip() == word:
            return
        time.sleep(0.1)
    raise Less()


def outcome(act):
    try:
        act()
        return 'ok'
    except Less:
        return 'less'
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error.errno))


if __name__ == '__main__':
    code = compile(bytes.fromhex(sys.argv[1]), 'the act', 'exec')
    print('begun', flush=True)
    print(outcome(lambda: exec(code, globals())), flush=True)
