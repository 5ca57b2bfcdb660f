// @ts-check
import { fetched, origin, passingOn } from '../web-checks.mjs';

/** @satisfies {import('../packaged-daemon.ts').Packaged} */
export default {
  unit: 'haproxy.service',
  needs: {
    '/usr/sbin/haproxy': 'haproxy',
    curl: 'curl',
    ab: 'apache2-utils',
    '/usr/bin/python3': 'python3',
  },
  prepare: `${origin}
printf 'frontend f\\n bind :80\\n default_backend b\\nbackend b\\n server s 127.0.0.1:8000\\n' >> /etc/haproxy/haproxy.cfg`,
  request: fetched,
  checks: {
    ...passingOn('http://127.0.0.1'),
    'many clients': 'ab -q -n 500 -c 20 http://127.0.0.1/ 2>&1 | grep -q "Failed requests: *0"',
    statistics: `/usr/bin/python3 -c "import socket; s = socket.socket(socket.AF_UNIX); s.connect('/run/haproxy/admin.sock'); s.send(b'show info\\n'); print(s.recv(9999))" | grep Uptime`,
  },
};
