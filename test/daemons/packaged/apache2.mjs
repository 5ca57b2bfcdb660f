// @ts-check
import { fetched, origin, passingOn, staticWeb, webRoot } from '../web-checks.mjs';

/** @satisfies {import('../packaged-daemon.ts').Packaged} */
export default {
  unit: 'apache2.service',
  needs: {
    '/usr/sbin/apache2': 'apache2',
    curl: 'curl',
    ab: 'apache2-utils',
    '/usr/bin/python3': 'python3',
    logrotate: 'logrotate',
  },
  prepare: `${webRoot} ${origin}
a2enmod -q proxy_http >/dev/null
echo 'ProxyPass /up http://127.0.0.1:8000' > /etc/apache2/conf-enabled/try.conf`,
  request: fetched,
  rotation: { rules: '/etc/logrotate.d/apache2', log: '/var/log/apache2/access.log' },
  checks: {
    ...staticWeb(),
    'part of a file': 'test $(curl -sSf -m 5 -r 100-299 http://127.0.0.1/big | wc -c) = 200',
    ...passingOn('http://127.0.0.1/up'),
  },
};
