// @ts-check
/** @satisfies {import('../packaged-daemon.ts').Packaged} */
export default {
  unit: 'dnsmasq.service',
  needs: { '/usr/sbin/dnsmasq': 'dnsmasq', dig: 'bind9-dnsutils' },
  prepare: 'printf "no-resolv\\naddress=/sandbox.test/192.0.2.7\\n" > /etc/dnsmasq.d/try',
  request: 'dig +short +time=2 +tries=1 @127.0.0.1 sandbox.test | grep -q 192.0.2.7',
  checks: {
    tcp: 'dig +tcp +short +time=2 @127.0.0.1 sandbox.test | grep -q 192.0.2.7',
    'many clients':
      'for i in $(seq 40); do dig +short +time=3 @127.0.0.1 a$i.sandbox.test >/tmp/answer.$i & done; wait; test -z "$(grep -L 192.0.2.7 /tmp/answer.*)"',
    statistics:
      'systemctl kill -s USR1 --kill-who=main dnsmasq; sleep 0.2; dig +short @127.0.0.1 sandbox.test | grep -q 192',
  },
};
