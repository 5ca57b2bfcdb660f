// @ts-check
import { fetched, origin, passingOn, staticWeb, webRoot } from '../web-checks.mjs';

/** @satisfies {import('../packaged-daemon.ts').Packaged} */
export default {
  unit: 'lighttpd.service',
  needs: {
    '/usr/sbin/lighttpd': 'lighttpd',
    curl: 'curl',
    ab: 'apache2-utils',
    '/usr/bin/python3': 'python3',
    logrotate: 'logrotate',
  },
  prepare: `${webRoot} ${origin}
cat >> /etc/lighttpd/lighttpd.conf <<'END'
server.modules += ("mod_accesslog", "mod_proxy")
accesslog.filename = "/var/log/lighttpd/access.log"
$HTTP["url"] =~ "^/up" {
  proxy.server = ("" => (("host" => "127.0.0.1", "port" => 8000)))
  proxy.header = ("map-urlpath" => ("/up" => ""))
}
END`,
  request: fetched,
  rotation: { rules: '/etc/logrotate.d/lighttpd', log: '/var/log/lighttpd/access.log' },
  checks: {
    ...staticWeb(),
    'part of a file': 'test $(curl -sSf -m 5 -r 100-299 http://127.0.0.1/big | wc -c) = 200',
    ...passingOn('http://127.0.0.1/up'),
  },
};
