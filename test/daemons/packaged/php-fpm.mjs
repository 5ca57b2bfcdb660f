// @ts-check
/** @satisfies {import('../packaged-daemon.ts').Packaged} */
export default {
  unit: 'php8.2-fpm.service',
  needs: { '/usr/sbin/php-fpm8.2': 'php-fpm', 'cgi-fcgi': 'libfcgi-bin', logrotate: 'logrotate' },
  prepare: `mkdir -p /srv/php; chmod 755 /srv/php
echo '<?php echo "hello"; ?>' > /srv/php/hello.php
echo '<?php session_start(); $_SESSION["n"] = ($_SESSION["n"] ?? 0) + 1; echo $_SESSION["n"], "=visits"; ?>' > /srv/php/session.php
echo '<?php echo strlen(file_get_contents("php://input")), "=size ", count($_FILES), "=files"; ?>' > /srv/php/body.php
echo '<?php $n = tempnam("/tmp", "x"); file_put_contents($n, str_repeat("x", 5000000)); echo filesize($n); unlink($n); ?>' > /srv/php/temp.php
echo '<?php for ($i = 0; $i < 300; $i++) echo str_repeat("0123456789", 10000); ?>' > /srv/php/big.php
cat > /usr/local/bin/ask-php <<'END'
#!/bin/sh
export SCRIPT_FILENAME=/srv/php/$1 REQUEST_METHOD=\${2:-GET} CONTENT_LENGTH=\${3:-0} CONTENT_TYPE=\${4:-text/plain} HTTP_COOKIE='PHPSESSID=try1'
exec cgi-fcgi -bind -connect /run/php/php8.2-fpm.sock
END
chmod 755 /usr/local/bin/ask-php`,
  request: 'ask-php hello.php </dev/null | grep -q hello',
  rotation: { rules: '/etc/logrotate.d/php8.2-fpm', log: '/var/log/php8.2-fpm.log' },
  checks: {
    session: `ask-php session.php </dev/null | grep 1=visits; systemctl restart php8.2-fpm
      ask-php session.php </dev/null | grep 2=visits`,
    'big response': 'test $(ask-php big.php </dev/null | wc -c) -gt 30000000',
    'big body': 'head -c 6000000 /dev/zero | ask-php body.php POST 6000000 | grep 6000000=size',
    upload: `{ printf -- '--B\\r\\nContent-Disposition: form-data; name="f"; filename="f"\\r\\n\\r\\n'; head -c 1000000 /dev/zero; printf '\\r\\n--B--\\r\\n'; } > /tmp/form
      ask-php body.php POST $(stat -c %s /tmp/form) 'multipart/form-data; boundary=B' < /tmp/form | grep 1=files`,
    'temporary file': 'ask-php temp.php </dev/null | grep 5000000',
    'many clients':
      'for i in $(seq 30); do ask-php hello.php </dev/null >/tmp/answer.$i & done; wait; test -z "$(grep -L hello /tmp/answer.*)"',
  },
};
