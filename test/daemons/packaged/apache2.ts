import type { Packaged } from '../second-run.ts';
import { fetched, web, webRoot } from '../web-checks.ts';

export default {
  unit: 'apache2.service',
  mostExposed: 2.6,
  programs: ['/usr/sbin/apache2', 'curl', 'ab', 'logrotate'],
  prepare: webRoot,
  request: fetched,
  rotation: { rules: '/etc/logrotate.d/apache2', log: '/var/log/apache2/access.log' },
  checks: web,
} satisfies Packaged;
