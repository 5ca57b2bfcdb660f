"""Does what a sandbox may refuse of the network and of devices, and says what became of it.

network-probe.py peer             another program of the machine: answers on every address, and tries whom it is asked to try
network-probe.py try PORT ACT...  prints `act outcome` for each ACT, one a line: ok, an errno, `hangs`, or `unreached by others`;
                                  PORT and those after it are bound
network-probe.py connect|send ADDRESS, bind|accept ADDRESS, own ADDRESS, abstract-connect, abstract-bind, abstract-own,
read|write|mknod PATH             are the acts, each one argument such as `connect 127.0.0.1`
"""
import errno
import os
import socket
import stat
import sys
import threading

PATIENCE = 0.5
PORT = 7001
DOOR = '/run/network-probe.sock'
NAME = '\0network-probe'


def family_of(address):
    return socket.AF_INET6 if ':' in address else socket.AF_INET


def echo(server):
    while True:
        data, peer = server.recvfrom(100)
        server.sendto(data, peer)


def take(server):
    while True:
        server.accept()[0].close()


def listening(family, address):
    server = socket.socket(family)
    if family == socket.AF_INET6:
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    server.bind(address)
    server.listen(64)
    return server


def answer(client):
    """A line `source target port`: whether somebody gets from one address to the other. Without a source: to a name."""
    with client:
        words = client.makefile().readline().split()
        try:
            if words[0] == 'name':
                with socket.socket(socket.AF_UNIX) as caller:
                    caller.settimeout(PATIENCE)
                    caller.connect('\0' + words[1])
            else:
                source, target, port = words
                with socket.socket(family_of(target)) as caller:
                    caller.settimeout(PATIENCE)
                    caller.bind((source, 0))
                    caller.connect((target, int(port)))
            client.sendall(b'ok\n')
        except OSError:
            client.sendall(b'unreached by others\n')


def peer():
    servers = [listening(socket.AF_INET, ('0.0.0.0', PORT)), listening(socket.AF_INET6, ('::', PORT)),
               listening(socket.AF_UNIX, NAME)]
    for server in servers:
        threading.Thread(target=take, args=(server,)).start()
    # A datagram is answered from the address to which it went only where the socket has no other.
    for address in sys.argv[2:]:
        server = socket.socket(family_of(address), socket.SOCK_DGRAM)
        server.bind((address, PORT))
        threading.Thread(target=echo, args=(server,)).start()
    door = listening(socket.AF_UNIX, DOOR)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.sendto(b'READY=1', os.environ['NOTIFY_SOCKET'])
    while True:
        threading.Thread(target=answer, args=(door.accept()[0],)).start()


def ask(*words):
    with socket.socket(socket.AF_UNIX) as door:
        door.connect(DOOR)
        door.sendall((' '.join(map(str, words)) + '\n').encode())
        return door.makefile().readline().strip()


def call(kind, address, port=PORT):
    with socket.socket(family_of(address), kind) as caller:
        caller.settimeout(PATIENCE)
        caller.connect((address, port))
        if kind == socket.SOCK_DGRAM:
            caller.send(b'x')
            caller.recv(100)
    return 'ok'


def bound(address, port, source=None):
    with listening(family_of(address), (address, port)):
        target = address.replace('0.0.0.0', '127.0.0.1') if address != '::' else '::1'
        return ask(source or target, target, port)


def own(address, port):
    with listening(family_of(address), (address, port)):
        return call(socket.SOCK_STREAM, address, port)


def abstract_connect(name):
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(name)
    return 'ok'


def abstract_bind(port, try_it):
    name = f'probe-of-{port}'
    with listening(socket.AF_UNIX, '\0' + name):
        return try_it(name)


def opened(path, flags):
    os.close(os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY))
    return 'ok'


def made(path, port):
    copy = f'/var/tmp/node-{port}'
    os.mknod(copy, stat.S_IFCHR | 0o600, os.stat(path).st_rdev)
    os.unlink(copy)
    return 'ok'


def act(name, subject, port):
    return {
        'connect': lambda: call(socket.SOCK_STREAM, subject),
        'send': lambda: call(socket.SOCK_DGRAM, subject),
        'bind': lambda: bound(subject, port),
        'accept': lambda: bound('::' if ':' in subject else '0.0.0.0', port, subject),
        'own': lambda: own(subject, port),
        'abstract-connect': lambda: abstract_connect(NAME),
        'abstract-bind': lambda: abstract_bind(port, lambda name: ask('name', name)),
        'abstract-own': lambda: abstract_bind(port, lambda name: abstract_connect('\0' + name)),
        'read': lambda: opened(subject, os.O_RDONLY),
        'write': lambda: opened(subject, os.O_WRONLY),
        'mknod': lambda: made(subject, port),
    }[name]()


def outcome(words, port):
    name, _, subject = words.partition(' ')
    try:
        return act(name, subject, port)
    except TimeoutError:
        return 'hangs'
    except OSError as error:
        return errno.errorcode[error.errno]


def attempt():
    first = int(sys.argv[2])
    for at, words in enumerate(sys.argv[3:]):
        print(f'{words}: {outcome(words, first + at)}', flush=True)


peer() if sys.argv[1] == 'peer' else attempt()
