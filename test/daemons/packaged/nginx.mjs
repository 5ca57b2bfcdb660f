// @ts-check
import { fetched, origin, passingOn, staticWeb, webRoot } from '../web-checks.mjs';

/** @satisfies {import('../packaged-daemon.ts').Packaged} */
export default {
  unit: 'nginx.service',
  isQuick: true,
  needs: {
    '/usr/sbin/nginx': 'nginx-light',
    curl: 'curl',
    ab: 'apache2-utils',
    '/usr/bin/python3': 'python3',
    logrotate: 'logrotate',
  },
  prepare: `${webRoot} ${origin}
cat >/etc/nginx/sites-enabled/default <<'END'
server {
  listen 80 default_server;
  root /var/www/html;
  client_max_body_size 50m;
  location /up/ { proxy_pass http://127.0.0.1:8000/; }
}
END`,
  request: fetched,
  rotation: { rules: '/etc/logrotate.d/nginx', log: '/var/log/nginx/access.log' },
  checks: {
    ...staticWeb(),
    'part of a file': 'test $(curl -sSf -m 5 -r 100-299 http://127.0.0.1/big | wc -c) = 200',
    ...passingOn('http://127.0.0.1/up'),
  },
};
