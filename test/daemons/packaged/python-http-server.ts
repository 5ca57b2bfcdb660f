import type { Packaged } from '../second-run.ts';
import { plainUnit, webRoot } from '../web-checks.ts';

export default {
  unit: 'files.service',
  mostExposed: 1.2,
  isQuick: true,
  programs: ['/usr/bin/python3', 'curl', 'ab'],
  unitText: plainUnit,
  prepare: webRoot,
  request: 'curl -sSf -m 3 http://127.0.0.1:8000/ | grep -qi "<html"',
  checks: {
    'big response': 'curl -sSf -m 20 http://127.0.0.1:8000/big | cmp - /var/www/html/big',
    'many clients': 'ab -q -n 500 -c 20 http://127.0.0.1:8000/ 2>&1 | grep -q "Failed requests: *0"',
    'missing page': 'curl -s -m 3 -o /dev/null -w "%{http_code}" http://127.0.0.1:8000/none | grep -q 404',
  },
} satisfies Packaged;
