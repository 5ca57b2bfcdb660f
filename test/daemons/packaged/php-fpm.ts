import type { Packaged } from '../second-run.ts';

export default {
  unit: 'php8.2-fpm.service',
  mostExposed: 1.7,
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
} satisfies Packaged;
