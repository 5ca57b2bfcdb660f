"""Does every act that a mount may refuse, all over a tree, as root and as nobody, and says what became of each.

mount-probe.py make TREE...   makes trees of one shape, and listens on their sockets until it is killed
mount-probe.py probe TREE     prints `uid act path path2 outcome`, one a line: ok, an errno, or less (it worked, but what the
                              tree holds is not what was found)
Whatever works is undone, so that the next act finds the tree as it was.
"""
import errno
import mmap
import os
import socket
import stat
import sys

DIRECTORIES = ['', 'a', 'b'] + [f'{one}/{two}{three}' for one in 'ab' for two in 'xy' for three in ('', '/p')]
NAMES = ['f', 'g', 'prog', 's', 'q', 'z', 'e']


def children(directory):
    below = [name for name in DIRECTORIES if name and name != directory and os.path.dirname(name) == directory]
    return {os.path.basename(name) for name in below} | set(NAMES) | ({'l'} if directory in ('a', 'b') else set())


def make(tree):
    listening = []
    for directory in DIRECTORIES:
        path = os.path.join(tree, directory).rstrip('/')
        os.makedirs(path)
        os.chmod(path, 0o777)
        for name, content, mode in (('f', 'data', 0o666), ('g', 'data', 0o666), ('prog', '#!/bin/true\n', 0o777)):
            with open(f'{path}/{name}', 'w') as file:
                file.write(content)
            os.chmod(f'{path}/{name}', mode)
        os.mkfifo(f'{path}/q')
        os.mknod(f'{path}/z', 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        server = socket.socket(socket.AF_UNIX)
        server.bind(f'{path}/s')
        server.listen(64)
        listening.append(server)
        os.mkdir(f'{path}/e')
        for name in ('q', 'z', 's', 'e'):
            os.chmod(f'{path}/{name}', 0o777)
        if directory in ('a', 'b'):
            os.symlink(f'{tree}/b/x', f'{path}/l')
    return listening


def is_masked(path):
    return stat.S_IMODE(os.stat(path).st_mode) == 0


def say(act, path, path2, work):
    try:
        outcome = 'less' if work() else 'ok'
    except OSError as error:
        outcome = errno.errorcode[error.errno]
    print(os.getuid(), act, path, path2, outcome)


def opened(path, flags, then=lambda fd: None):
    fd = os.open(path, flags | os.O_NONBLOCK)
    try:
        return then(fd)
    finally:
        os.close(fd)


def mapped(fd):
    if os.fstat(fd).st_size == 0:
        return True
    mmap.mmap(fd, 4, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC).close()


def make_again(path):
    def work():
        os.unlink(path)
        with open(path, 'w') as file:
            file.write('data')
        os.chmod(path, 0o666)
    return work


def remake_directory(path):
    os.rmdir(path)
    os.mkdir(path)
    os.chmod(path, 0o777)


def enter(path):
    os.chdir(path)
    os.chdir('/')


def may_execute(path):
    if not os.access(path, os.X_OK, effective_ids=True):
        os.stat(path)
        raise OSError(errno.EACCES, '')


def execute(path):
    if os.waitpid(os.posix_spawn(path, [path], {}), 0)[1] != 0:
        raise OSError(errno.ENOEXEC, '')


def connect(path):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)


def bind(path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
    os.unlink(path)


def then_unlink(work, path):
    work()
    os.unlink(path)


def rename_and_back(old, new):
    os.rename(old, new)
    os.rename(new, old)


def rename_over(old, new):
    os.rename(old, new)
    os.rename(new, old)
    make_again_after(new)


def make_again_after(path):
    with open(path, 'w') as file:
        file.write('data')
    os.chmod(path, 0o666)


def looks(path, directory):
    say('stat', path, '-', lambda: os.stat(path) and None)
    say('list', path, '-', lambda: not children(directory) <= set(os.listdir(path)))
    say('enter', path, '-', lambda: enter(path))
    say('read', f'{path}/f', '-', lambda: opened(f'{path}/f', os.O_RDONLY, lambda fd: os.read(fd, 4) != b'data'))
    say('stat', f'{path}/f', '-', lambda: os.stat(f'{path}/f') and None)
    say('map', f'{path}/f', '-', lambda: opened(f'{path}/f', os.O_RDONLY, mapped))
    say('may-execute', f'{path}/prog', '-', lambda: may_execute(f'{path}/prog'))
    say('execute', f'{path}/prog', '-', lambda: execute(f'{path}/prog'))
    say('connect', f'{path}/s', '-', lambda: connect(f'{path}/s'))
    say('read', f'{path}/z', '-', lambda: opened(f'{path}/z', os.O_RDONLY))
    say('read', f'{path}/q', '-', lambda: opened(f'{path}/q', os.O_RDONLY, lambda fd: is_masked(f'{path}/q')))


def changes(path):
    say('write', f'{path}/f', '-', lambda: opened(f'{path}/f', os.O_WRONLY, lambda fd: os.write(fd, b'data') and None))
    say('write', f'{path}/z', '-', lambda: opened(f'{path}/z', os.O_WRONLY))
    say('write', f'{path}/q', '-', lambda: opened(f'{path}/q', os.O_RDWR, lambda fd: is_masked(f'{path}/q')))
    for place in (path, f'{path}/f', f'{path}/s'):
        say('utimes', place, '-', lambda: os.utime(place))
        if os.getuid() == 0:
            say('chown', place, '-', lambda: os.chown(place, -1, os.getegid()))
            say('chmod', place, '-', lambda: os.chmod(place, stat.S_IMODE(os.stat(place).st_mode)))
    new = f'{path}/n'
    say('create', new, '-', lambda: then_unlink(lambda: opened(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY), new))
    say('make-directory', new, '-', lambda: (os.mkdir(new), os.rmdir(new)) and None)
    say('make-node', new, '-', lambda: then_unlink(lambda: os.symlink('f', new), new))
    say('bind', new, '-', lambda: bind(new))
    say('remove', f'{path}/f', '-', make_again(f'{path}/f'))
    say('remove', f'{path}/e', '-', lambda: remake_directory(f'{path}/e'))
    say('rename', f'{path}/f', f'{path}/g', lambda: rename_over(f'{path}/f', f'{path}/g'))


def probe(tree):
    places = [(directory, os.path.join(tree, directory).rstrip('/')) for directory in DIRECTORIES]
    for directory, path in places:
        looks(path, directory)
        changes(path)
    for link in ('a/l', 'b/l'):
        looks(f'{tree}/{link}', 'b/x')
        changes(f'{tree}/{link}')
    for _, one in places:
        for _, two in places:
            say('rename', f'{one}/f', f'{two}/n', lambda: rename_and_back(f'{one}/f', f'{two}/n'))
            say('link', f'{one}/f', f'{two}/n', lambda: then_unlink(lambda: os.link(f'{one}/f', f'{two}/n'), f'{two}/n'))


if __name__ == '__main__':
    os.umask(0)
    if sys.argv[1] == 'make':
        held = [make(tree) for tree in sys.argv[2:]]
        print('made', flush=True)
        import signal
        signal.pause()
    else:
        probe(sys.argv[2])
        sys.stdout.flush()
        if os.fork() == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            probe(sys.argv[2])
            sys.stdout.flush()
            os._exit(0)
        os.wait()
