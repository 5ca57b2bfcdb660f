// @ts-check
/** @satisfies {import('../packaged-daemon.ts').Packaged} */
export default {
  unit: 'unbound.service',
  needs: {
    '/usr/sbin/unbound': 'unbound',
    '/usr/share/dns/root.key': 'dns-root-data',
    dig: 'bind9-dnsutils',
  },
  prepare:
    '/usr/libexec/unbound-helper root_trust_anchor_update; printf \'server:\\n local-zone: "sandbox.test." static\\n local-data: "www.sandbox.test. A 192.0.2.9"\\n\' > /etc/unbound/unbound.conf.d/try.conf',
  request: 'dig +short +time=2 +tries=1 @127.0.0.1 www.sandbox.test | grep -q 192.0.2.9',
  checks: {
    tcp: 'dig +tcp +short +time=2 @127.0.0.1 www.sandbox.test | grep -q 192.0.2.9',
    control:
      'unbound-control status; unbound-control reload; sleep 0.5; dig +short @127.0.0.1 www.sandbox.test | grep -q 192',
    'many clients':
      'for i in $(seq 40); do dig +short +time=3 @127.0.0.1 www.sandbox.test >/tmp/answer.$i & done; wait; test -z "$(grep -L 192.0.2.9 /tmp/answer.*)"',
  },
};
