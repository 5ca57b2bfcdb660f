import type { Packaged } from '../second-run.ts';
import { fetched, origin } from '../web-checks.ts';

export default {
  unit: 'haproxy.service',
  mostExposed: 2.6,
  programs: ['/usr/sbin/haproxy', 'curl', 'ab', '/usr/bin/python3'],
  prepare: `${origin}
printf 'frontend f\\n bind :80\\n default_backend b\\nbackend b\\n server s 127.0.0.1:8000\\n' >> /etc/haproxy/haproxy.cfg`,
  request: fetched,
  checks: {
    'big response': 'curl -sSf -m 20 http://127.0.0.1/big | cmp - /srv/web/big',
    'many clients': 'ab -q -n 500 -c 20 http://127.0.0.1/ 2>&1 | grep -q "Failed requests: *0"',
    statistics: `/usr/bin/python3 -c "import socket; s = socket.socket(socket.AF_UNIX); s.connect('/run/haproxy/admin.sock'); s.send(b'show info\\n'); print(s.recv(9999))" | grep Uptime`,
  },
} satisfies Packaged;
