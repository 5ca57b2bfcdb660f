import type { Packaged } from '../second-run.ts';
import { fetched, web, webRoot } from '../web-checks.ts';

export default {
  unit: 'nginx.service',
  mostExposed: 2.5,
  isQuick: true,
  programs: ['/usr/sbin/nginx', 'curl', 'ab', 'logrotate'],
  prepare: `${webRoot} cat >/etc/nginx/sites-enabled/default <<'END'
server { listen 80 default_server; root /var/www/html; client_max_body_size 50m; location /up { proxy_pass http://127.0.0.1:80/; } }
END`,
  request: fetched,
  rotation: { rules: '/etc/logrotate.d/nginx', log: '/var/log/nginx/access.log' },
  checks: {
    ...web,
    'big upload':
      'head -c 9000000 /dev/urandom > /tmp/body; curl -s -m 20 --data-binary @/tmp/body http://127.0.0.1/up -o /dev/null -w "%{http_code}" | grep -q 405',
    'proxied big response': 'curl -sSf -m 20 --limit-rate 20M http://127.0.0.1/up/../up | grep -qi "<html"',
  },
} satisfies Packaged;
