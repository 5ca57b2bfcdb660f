import type { Packaged } from './second-run.ts';

const fetched = 'curl -sSf -m 3 http://127.0.0.1/ | grep -qi "<html"';
const webRoot = 'head -c 30000000 /dev/urandom > /var/www/html/big; ';
const web: Readonly<Record<string, string>> = {
  'big response': 'curl -sSf -m 20 http://127.0.0.1/big | cmp - /var/www/html/big',
  'part of a file': 'test $(curl -sSf -m 5 -r 100-299 http://127.0.0.1/big | wc -c) = 200',
  'many clients': 'ab -q -n 3000 -c 100 http://127.0.0.1/ 2>&1 | grep -q "Failed requests: *0"',
  'missing page': 'curl -s -m 3 -o /dev/null -w "%{http_code}" http://127.0.0.1/none | grep -q 404',
};
/** A web server of its own for those that only pass on. */
const origin = `mkdir -p /srv/web; echo '<html>' > /srv/web/index.html; head -c 30000000 /dev/urandom > /srv/web/big
(cd /srv/web; setsid /usr/bin/python3 -m http.server 8000 >/dev/null 2>&1 </dev/null &)
`;

/** The same for one that is no package: a unit as an administrator writes it. */
const plainUnit = `${webRoot} cat >/etc/systemd/system/files.service <<'END'
[Service]
ExecStart=/usr/bin/python3 -m http.server 8000 --directory /var/www/html
User=www-data
END
systemctl daemon-reload`;

/** Daemons as Debian ships them. A new one is one entry here: nothing in src/ knows any of them. */
export const packaged: readonly Packaged[] = [
  {
    unit: 'files.service',
    mostExposed: 1.2,
    isQuick: true,
    programs: ['/usr/bin/python3', 'curl', 'ab'],
    prepare: plainUnit,
    request: 'curl -sSf -m 3 http://127.0.0.1:8000/ | grep -qi "<html"',
    checks: {
      'big response': 'curl -sSf -m 20 http://127.0.0.1:8000/big | cmp - /var/www/html/big',
      'many clients': 'ab -q -n 500 -c 20 http://127.0.0.1:8000/ 2>&1 | grep -q "Failed requests: *0"',
      'missing page': 'curl -s -m 3 -o /dev/null -w "%{http_code}" http://127.0.0.1:8000/none | grep -q 404',
    },
  },
  {
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
  },
  {
    unit: 'apache2.service',
    mostExposed: 2.6,
    programs: ['/usr/sbin/apache2', 'curl', 'ab', 'logrotate'],
    prepare: webRoot,
    request: fetched,
    rotation: { rules: '/etc/logrotate.d/apache2', log: '/var/log/apache2/access.log' },
    checks: web,
  },
  {
    unit: 'dnsmasq.service',
    mostExposed: 2.6,
    isQuick: true,
    programs: ['/usr/sbin/dnsmasq', 'dig'],
    prepare: 'printf "no-resolv\\naddress=/sandbox.test/192.0.2.7\\n" > /etc/dnsmasq.d/try',
    request: 'dig +short +time=2 +tries=1 @127.0.0.1 sandbox.test | grep -q 192.0.2.7',
    checks: {
      tcp: 'dig +tcp +short +time=2 @127.0.0.1 sandbox.test | grep -q 192.0.2.7',
      'many clients':
        'for i in $(seq 40); do dig +short +time=3 @127.0.0.1 a$i.sandbox.test >/tmp/answer.$i & done; wait; test -z "$(grep -L 192.0.2.7 /tmp/answer.*)"',
      statistics:
        'systemctl kill -s USR1 --kill-who=main dnsmasq; sleep 0.2; dig +short @127.0.0.1 sandbox.test | grep -q 192',
    },
  },
  {
    unit: 'unbound.service',
    mostExposed: 2.5,
    programs: ['/usr/sbin/unbound', 'dig'],
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
  },
  {
    unit: 'php8.2-fpm.service',
    mostExposed: 1.7,
    isQuick: true,
    programs: ['/usr/sbin/php-fpm8.2', 'cgi-fcgi', 'logrotate'],
    prepare: `mkdir -p /srv/php; chmod 755 /srv/php
echo '<?php echo "hello"; ?>' > /srv/php/hello.php
echo '<?php session_start(); $_SESSION["n"] = 1; session_write_close(); echo is_file("/var/lib/php/sessions/sess_" . session_id()) ? "kept" : "lost"; ?>' > /srv/php/session.php
echo '<?php echo strlen(file_get_contents("php://input")), "=size ", count($_FILES), "=files"; ?>' > /srv/php/body.php
echo '<?php $n = tempnam("/tmp", "x"); file_put_contents($n, str_repeat("x", 5000000)); echo filesize($n); unlink($n); ?>' > /srv/php/temp.php
cat > /usr/local/bin/ask-php <<'END'
#!/bin/sh
export SCRIPT_FILENAME=/srv/php/$1 REQUEST_METHOD=\${2:-GET} CONTENT_LENGTH=\${3:-0} CONTENT_TYPE=\${4:-text/plain}
exec cgi-fcgi -bind -connect /run/php/php8.2-fpm.sock
END
chmod 755 /usr/local/bin/ask-php`,
    request: 'ask-php hello.php </dev/null | grep -q hello',
    rotation: { rules: '/etc/logrotate.d/php8.2-fpm', log: '/var/log/php8.2-fpm.log' },
    checks: {
      session: 'ask-php session.php </dev/null | grep kept',
      'big body': 'head -c 6000000 /dev/zero | ask-php body.php POST 6000000 | grep 6000000=size',
      upload: `{ printf -- '--B\\r\\nContent-Disposition: form-data; name="f"; filename="f"\\r\\n\\r\\n'; head -c 1000000 /dev/zero; printf '\\r\\n--B--\\r\\n'; } > /tmp/form
        ask-php body.php POST $(stat -c %s /tmp/form) 'multipart/form-data; boundary=B' < /tmp/form | grep 1=files`,
      'temporary file': 'ask-php temp.php </dev/null | grep 5000000',
      'many clients':
        'for i in $(seq 30); do ask-php hello.php </dev/null >/tmp/answer.$i & done; wait; test -z "$(grep -L hello /tmp/answer.*)"',
    },
  },
  {
    unit: 'redis-server.service',
    mostExposed: 1.1,
    isQuick: true,
    programs: ['/usr/bin/redis-server', 'redis-cli', 'logrotate'],
    request: 'redis-cli incr visits | grep -qE "^[0-9]+$"',
    checks: {
      'big value':
        'head -c 20000000 /dev/zero | tr "\\0" x | redis-cli -x set big | grep OK; test $(redis-cli strlen big) = 20000000',
      save: 'redis-cli save | grep OK; redis-cli bgsave; sleep 1; redis-cli info persistence | grep rdb_last_bgsave_status:ok',
      persistence:
        'redis-cli set kept yes; systemctl restart redis-server; sleep 0.5; redis-cli get kept | grep yes',
      'append only':
        'redis-cli config set appendonly yes | grep OK; redis-cli bgrewriteaof; sleep 1; redis-cli info persistence | grep aof_last_bgrewrite_status:ok; redis-cli set a b',
      'many clients': 'redis-benchmark -q -n 5000 -c 100 -t set,get >/dev/null',
    },
  },
  {
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
  },
  {
    unit: 'memcached.service',
    mostExposed: 2.0,
    programs: ['/usr/bin/memcached'],
    prepare: `cat > /usr/local/bin/ask-memcached <<'END'
exec 3<>/dev/tcp/127.0.0.1/11211; cat >&3; printf 'quit\\r\\n' >&3; timeout 5 cat <&3
END`,
    request:
      'printf "set a 0 0 1\\r\\nx\\r\\nget a\\r\\n" | bash /usr/local/bin/ask-memcached | grep -q "VALUE a"',
    checks: {
      'big value':
        '{ printf "set b 0 0 900000\\r\\n"; head -c 900000 /dev/zero | tr "\\0" x; printf "\\r\\n"; } | bash /usr/local/bin/ask-memcached | grep STORED',
      'many clients':
        'for i in $(seq 50); do printf "get a\\r\\nstats\\r\\n" | bash /usr/local/bin/ask-memcached >/tmp/answer.$i & done; wait; test -z "$(grep -L END /tmp/answer.*)"',
    },
  },
  {
    unit: 'rsyslog.service',
    mostExposed: 1.7,
    programs: ['/usr/sbin/rsyslogd', 'logrotate'],
    request:
      'n=$RANDOM$RANDOM; logger -p user.info "try $n"; for i in $(seq 30); do grep -q "try $n" /var/log/syslog && exit 0; sleep 0.1; done; exit 1',
    rotation: { rules: '/etc/logrotate.d/rsyslog', log: '/var/log/syslog' },
    checks: {
      'another log':
        'logger -p mail.err "letter"; sleep 0.5; grep letter /var/log/mail.log; logger -p cron.info job; sleep 0.5; grep job /var/log/cron.log',
      'big message':
        'head -c 6000 /dev/zero | tr "\\0" m | logger -p user.info; sleep 0.5; grep -q mmmmmmm /var/log/syslog',
      'many senders':
        'for i in $(seq 50); do logger -p user.info "many $i." & done; wait; sleep 1; test $(grep -c "many [0-9]*\\." /var/log/user.log) -ge 50',
    },
  },
  {
    unit: 'postgresql@15-main.service',
    mostExposed: 2.4,
    programs: ['/usr/bin/pg_ctlcluster', 'psql', 'logrotate'],
    request: 'cd /; runuser -u postgres -- psql -qtAc "select 40 + 2" | grep -q 42',
    checks: {
      'copied and cut log':
        'cd /; logrotate -f /etc/logrotate.d/postgresql-common; runuser -u postgres -- psql -c "select oops" 2>/dev/null || :; sleep 0.2; grep oops /var/log/postgresql/postgresql-15-main.log',
      persistence: `cd /; runuser -u postgres -- psql -qc "create table kept as select generate_series(1, 200000) as n"
        systemctl restart postgresql@15-main; sleep 0.5; runuser -u postgres -- psql -qtAc "select count(*) from kept" | grep 200000`,
      'big sort':
        'cd /; runuser -u postgres -- psql -qtAc "set work_mem = 64; select count(*) from (select md5(n::text) from generate_series(1, 300000) n order by 1) s" | grep 300000',
      'tablespace and database':
        'cd /; runuser -u postgres -- createdb other; runuser -u postgres -- psql -qtAc "vacuum full" -c "checkpoint"; runuser -u postgres -- dropdb other',
      'many clients':
        'cd /; for i in $(seq 30); do runuser -u postgres -- psql -qtAc "select 7" >/tmp/answer.$i & done; wait; test -z "$(grep -L 7 /tmp/answer.*)"',
      tcp: 'cd /; runuser -u postgres -- psql -h 127.0.0.1 -w -c "select 1" 2>&1 | grep "no password"',
    },
  },
  {
    unit: 'vsftpd.service',
    mostExposed: 3.7,
    programs: ['/usr/sbin/vsftpd', 'curl', 'openssl', 'logrotate'],
    prepare:
      'printf "anonymous_enable=YES\\nwrite_enable=YES\\n" >> /etc/vsftpd.conf; useradd -m -s /bin/bash -p "$(openssl passwd -6 secret)" guest; mkdir -p /srv/ftp; echo hello > /srv/ftp/hello',
    request: 'curl -sSf -m 5 ftp://127.0.0.1/hello | grep -q hello',
    checks: {
      login: 'echo kept > /home/guest/f; curl -sSf -m 5 ftp://guest:secret@127.0.0.1/f | grep kept',
      upload:
        'head -c 5000000 /dev/urandom > /tmp/body; curl -sSf -m 20 -T /tmp/body ftp://guest:secret@127.0.0.1/body; cmp /tmp/body /home/guest/body; test $(stat -c %U /home/guest/body) = guest',
      'many clients':
        'for i in $(seq 20); do curl -sS -m 20 ftp://127.0.0.1/hello >/tmp/answer.$i & done; wait; test -z "$(grep -L hello /tmp/answer.*)"',
    },
  },
  {
    unit: 'haproxy.service',
    mostExposed: 2.7,
    programs: ['/usr/sbin/haproxy', 'curl', 'ab', '/usr/bin/python3'],
    prepare: `${origin}
printf 'frontend f\\n bind :80\\n default_backend b\\nbackend b\\n server s 127.0.0.1:8000\\n' >> /etc/haproxy/haproxy.cfg`,
    request: fetched,
    checks: {
      'big response': 'curl -sSf -m 20 http://127.0.0.1/big | cmp - /srv/web/big',
      'many clients': 'ab -q -n 500 -c 20 http://127.0.0.1/ 2>&1 | grep -q "Failed requests: *0"',
      statistics: `/usr/bin/python3 -c "import socket; s = socket.socket(socket.AF_UNIX); s.connect('/run/haproxy/admin.sock'); s.send(b'show info\\n'); print(s.recv(9999))" | grep Uptime`,
    },
  },
  {
    unit: 'squid.service',
    mostExposed: 2.7,
    programs: ['/usr/sbin/squid', 'curl', '/usr/bin/python3', 'logrotate'],
    prepare: `${origin} echo 'shutdown_lifetime 1 second' > /etc/squid/conf.d/try.conf`,
    request: 'curl -sSf -m 5 -x http://127.0.0.1:3128 http://127.0.0.1:8000/ | grep -q html',
    rotation: { rules: '/etc/logrotate.d/squid', log: '/var/log/squid/access.log' },
    checks: {
      'big response':
        'curl -sSf -m 20 -x http://127.0.0.1:3128 http://127.0.0.1:8000/big | cmp - /srv/web/big',
      'refused host': 'curl -s -m 10 -x http://127.0.0.1:3128 http://127.0.0.1:9/ | grep -qi error',
    },
  },
  {
    unit: 'ssh.service',
    mostExposed: 4.3,
    level: 'relaxed',
    programs: ['/usr/sbin/sshd', 'ssh'],
    prepare: `useradd -m -s /bin/bash guest; install -d -m 700 -o guest /home/guest/.ssh; ssh-keygen -q -t ed25519 -N '' -f /root/try-key
install -m 600 -o guest /root/try-key.pub /home/guest/.ssh/authorized_keys`,
    request: 'ssh-keyscan -T 3 127.0.0.1 2>/dev/null | grep -q ssh-ed25519',
    checks: {
      login:
        'ssh -i /root/try-key -o StrictHostKeyChecking=no guest@127.0.0.1 "id -un; echo x > f; cat f" | grep guest',
      terminal:
        'ssh -tt -i /root/try-key -o StrictHostKeyChecking=no guest@127.0.0.1 "tty" </dev/null | grep /dev/pts',
      copy: 'head -c 5000000 /dev/urandom > /tmp/body; scp -q -i /root/try-key -o StrictHostKeyChecking=no /tmp/body guest@127.0.0.1:copy; cmp /tmp/body /home/guest/copy',
      'program of others':
        'ssh -i /root/try-key -o StrictHostKeyChecking=no guest@127.0.0.1 "python3 -c \'print(6*7)\'" | grep 42',
    },
  },
  {
    unit: 'cron.service',
    mostExposed: 4.0,
    level: 'relaxed',
    programs: ['/usr/sbin/cron'],
    request: 'systemctl is-active -q cron; sleep 0.5',
    checks: {
      job: `rm -f /var/tmp/ran; printf '* * * * * root id > /var/tmp/ran\\n' > /etc/cron.d/try; for i in $(seq 130); do test -s /var/tmp/ran && exit 0; sleep 0.5; done; exit 1`,
    },
  },
];
