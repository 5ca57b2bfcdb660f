"""Does what a daemon might do with processes, users, keys and modes, and prints how each went: NAME RESULT."""
import ctypes, errno, os, socket, sys

libc = ctypes.CDLL(None, use_errno=True)


def call(function, *arguments):
    ctypes.set_errno(0)
    result = function(*arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), '')
    return result


def say(name, act):
    try:
        act()
        result = 'ok'
    except OSError as error:
        result = errno.errorcode[error.errno]
    print(name, result, flush=True)


def look(who, name, path):
    say(f'{who}:stat:{name}', lambda: os.stat(path))
    say(f'{who}:open:{name}', lambda: open(path + '/stat').close())


def processes():
    master, told, asked, over = os.getpid(), os.pipe(), os.pipe(), os.pipe()
    same = os.fork()
    if same == 0:
        os.read(over[0], 1)
        os._exit(0)
    worker = os.fork()
    if worker == 0:
        os.setgroups([])
        os.setgid(33)
        os.setuid(33)
        os.write(told[1], b'x')
        os.read(asked[0], 1)
        look('worker', 'master', f'/proc/{master}')
        look('worker', 'first', '/proc/1')
        say('worker:stat:self', lambda: os.stat('/proc/self'))
        os.write(told[1], b'x')
        os.read(asked[0], 1)
        os._exit(0)
    os.read(told[0], 1)
    look('root', 'worker', f'/proc/{worker}')
    look('root', 'same', f'/proc/{same}')
    look('root', 'first', '/proc/1')
    os.write(asked[1], b'x')
    os.read(told[0], 1)
    os.write(asked[1], b'x')
    os.write(over[1], b'x')


def subset():
    for path in ['/proc', '/proc/self', '/proc/thread-self/comm', '/proc/1', '/proc/self/mounts', '/proc/mounts',
                 '/proc/net', '/proc/cpuinfo', '/proc/meminfo', '/proc/sys/kernel/ngroups_max', '/proc/stat']:
        say(f'root:stat:{path}', lambda: os.stat(path))


def keys():
    user = -4
    name = ctypes.create_string_buffer
    def key(number, *arguments):
        return call(libc.syscall, number, *arguments)
    key(248, name(b'user'), name(b'planted'), name(b'x'), 1, user)
    planted = key(250, 10, user, name(b'user'), name(b'planted'), 0)
    say('root:request_key:user', lambda: key(249, name(b'user'), name(b'planted'), 0, 0))
    say('root:keyctl:read', lambda: key(250, 11, planted, name(9), 9))
    say('root:add_key:session', lambda: key(248, name(b'user'), name(b'own'), name(b'x'), 1, -3))


def users():
    os.close(os.open('/var/lib/own', os.O_CREAT | os.O_WRONLY))
    say('write', lambda: open('/etc/own', 'w').close())
    say('read-by-group', lambda: open('/opt/group-file').close())
    say('read-of-other', lambda: open('/opt/other-file').close())
    say('chown', lambda: os.chown('/var/lib/own', 33, 33))
    say('chown-self', lambda: os.chown('/var/lib/own', 0, 0))
    say('hostname', lambda: socket.sethostname('other'))
    say('port', lambda: socket.socket().bind(('127.0.0.1', 81)))
    say('securebits', lambda: call(libc.prctl, 28, 0, 0, 0, 0))
    say('keepcaps', lambda: call(libc.prctl, 8, 1, 0, 0, 0))
    journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    say('journal', lambda: journal.sendto(b'MESSAGE=probe', '/run/systemd/journal/socket'))
    say('setgroups', lambda: os.setgroups([0]))
    say('setgid', lambda: os.setgid(33))
    say('setuid', lambda: os.setuid(33))


def port():
    say('port', lambda: socket.socket().bind(('127.0.0.1', 82)))


def mode():
    path = '/var/lib/mode'
    say('create', lambda: os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o666)))
    print('mode', oct(os.stat(path).st_mode & 0o777))


def first():
    other = int(sys.argv[2])
    say('kill', lambda: os.kill(other, 0))
    say('proc', lambda: os.stat(f'/proc/{other}'))
    os.kill(os.getpid(), 15)
    print('number', os.getpid())


def objects():
    call(libc.shmget, 0x5150, 100, 0o1600)
    open('/dev/shm/left', 'w').close()


globals()[sys.argv[1]]()
