// @ts-check
import { origin, passingOn } from '../web-checks.mjs';

/** @satisfies {import('../packaged-daemon.ts').Packaged} */
export default {
  unit: 'squid.service',
  needs: {
    '/usr/sbin/squid': 'squid',
    curl: 'curl',
    ab: 'apache2-utils',
    '/usr/bin/python3': 'python3',
    logrotate: 'logrotate',
  },
  prepare: `${origin} echo 'shutdown_lifetime 1 second' > /etc/squid/conf.d/try.conf`,
  request: 'curl -sSf -m 5 -x http://127.0.0.1:3128 http://127.0.0.1:8000/ | grep -q html',
  rotation: { rules: '/etc/logrotate.d/squid', log: '/var/log/squid/access.log' },
  checks: {
    ...passingOn('http://127.0.0.1:8000', '-x http://127.0.0.1:3128'),
    'many clients':
      'ab -q -n 500 -c 20 -X 127.0.0.1:3128 http://127.0.0.1:8000/ 2>&1 | grep -q "Failed requests: *0"',
    'refused host': 'curl -s -m 10 -x http://127.0.0.1:3128 http://127.0.0.1:9/ | grep -qi error',
  },
};
