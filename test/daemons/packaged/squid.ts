import type { Packaged } from '../second-run.ts';
import { origin } from '../web-checks.ts';

export default {
  unit: 'squid.service',
  mostExposed: 2.7,
  programs: ['/usr/sbin/squid', 'curl', '/usr/bin/python3', 'logrotate'],
  prepare: `${origin} echo 'shutdown_lifetime 1 second' > /etc/squid/conf.d/try.conf`,
  request: 'curl -sSf -m 5 -x http://127.0.0.1:3128 http://127.0.0.1:8000/ | grep -q html',
  rotation: { rules: '/etc/logrotate.d/squid', log: '/var/log/squid/access.log' },
  checks: {
    'big response': 'curl -sSf -m 20 -x http://127.0.0.1:3128 http://127.0.0.1:8000/big | cmp - /srv/web/big',
    'refused host': 'curl -s -m 10 -x http://127.0.0.1:3128 http://127.0.0.1:9/ | grep -qi error',
  },
} satisfies Packaged;
