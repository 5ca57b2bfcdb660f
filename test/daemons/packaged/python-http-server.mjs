// @ts-check
import { staticWeb, webRoot } from '../web-checks.mjs';

/** @satisfies {import('../packaged-daemon.ts').Packaged} */
export default {
  unit: 'files.service',
  isQuick: true,
  needs: { '/usr/bin/python3': 'python3', curl: 'curl', ab: 'apache2-utils' },
  // As an administrator writes it, for a server that no package has.
  unitText: `[Service]
ExecStart=/usr/bin/python3 -m http.server 8000 --directory /var/www/html
User=www-data
`,
  prepare: `mkdir -p /var/www/html; ${webRoot}`,
  request: 'curl -sSf -m 3 http://127.0.0.1:8000/ | grep -qi "<html"',
  checks: {
    ...staticWeb('http://127.0.0.1:8000'),
    // It answers one after another, and lets few wait.
    'many clients': 'ab -q -n 500 -c 20 http://127.0.0.1:8000/ 2>&1 | grep -q "Failed requests: *0"',
  },
};
