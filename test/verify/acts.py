"""A daemon that does what it is asked for by the path of a request, and answers 500 where that fails."""
import http.server
import mmap
import os
import socket
import subprocess
import sys

state, tool, place, port = sys.argv[1:]


def read(path):
    with open(path) as file:
        assert file.read() != ''


def act(name):
    if name == 'family':
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).close()
    elif name == 'owner':
        os.chown(f'{state}/owned', 1234, 1234)
    elif name == 'write':
        with open(f'{state}/written', 'w') as file:
            file.write('x')
    elif name == 'run':
        subprocess.run([tool], check=True)
    elif name == 'peer':
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(f'{place}/socket')
    elif name == 'fifo':
        if os.path.exists(f'{state}/fifo'):
            os.unlink(f'{state}/fifo')
        os.mkfifo(f'{state}/fifo')
    elif name == 'home':
        read('/home/sandbox-profile-tried/file')
    elif name == 'shared':
        read('/tmp/sandbox-profile-tried')
    elif name == 'code':
        mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()
    elif name == 'namespace':
        subprocess.run(['/usr/bin/unshare', '--mount', 'true'], check=True)
    elif name == 'memory':
        read('/proc/meminfo')
    elif name == 'set-id':
        os.chmod(f'{state}/owned', 0o4644)
    elif name == 'realtime':
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    elif name == 'hostname':
        socket.sethostname(socket.gethostname())


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            act(self.path[1:])
            status = 200
        except Exception as error:
            print(error, file=sys.stderr, flush=True)
            status = 500
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_):
        pass


open(f'{state}/owned', 'a').close()
http.server.HTTPServer(('127.0.0.1', int(port)), Handler).serve_forever()
