import type { Packaged } from '../second-run.ts';
import { fetched, web, webRoot } from '../web-checks.ts';

export default {
  unit: 'lighttpd.service',
  mostExposed: 2.5,
  programs: ['/usr/sbin/lighttpd', 'curl', 'ab', 'logrotate'],
  prepare: `${webRoot} mkdir -p /var/log/lighttpd; cat >> /etc/lighttpd/lighttpd.conf <<'END'
server.modules += ("mod_accesslog", "mod_proxy")
accesslog.filename = "/var/log/lighttpd/access.log"
$HTTP["url"] =~ "^/up" { proxy.server = ("" => (("host" => "127.0.0.1", "port" => 80))) proxy.header = ("map-urlpath" => ("/up" => "/")) }
END`,
  request: fetched,
  checks: web,
} satisfies Packaged;
