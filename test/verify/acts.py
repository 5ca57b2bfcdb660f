"""A daemon that does what it is asked for by the path of a request, and answers 500 where that fails."""
import http.server
import os
import socket
import subprocess
import sys

state, tool, peer, port = sys.argv[1:]


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
            client.connect(peer)
    elif name == 'fifo':
        if os.path.exists(f'{state}/fifo'):
            os.unlink(f'{state}/fifo')
        os.mkfifo(f'{state}/fifo')


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
