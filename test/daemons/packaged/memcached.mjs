// @ts-check
/** @satisfies {import('../packaged-daemon.ts').Packaged} */
export default {
  unit: 'memcached.service',
  needs: { '/usr/bin/memcached': 'memcached' },
  prepare: `cat > /usr/local/bin/ask-memcached <<'END'
exec 3<>/dev/tcp/127.0.0.1/11211; cat >&3; printf 'quit\\r\\n' >&3; timeout 5 cat <&3
END`,
  request:
    'printf "set a 0 0 1\\r\\nx\\r\\nget a\\r\\n" | bash /usr/local/bin/ask-memcached | grep -q "VALUE a"',
  checks: {
    'big value':
      '{ printf "set b 0 0 900000\\r\\n"; head -c 900000 /dev/zero | tr "\\0" x; printf "\\r\\nget b\\r\\n"; } | bash /usr/local/bin/ask-memcached | tee /tmp/answer | grep STORED; test $(stat -c %s /tmp/answer) -gt 900000',
    'many clients':
      'for i in $(seq 50); do printf "get a\\r\\nstats\\r\\n" | bash /usr/local/bin/ask-memcached >/tmp/answer.$i & done; wait; test -z "$(grep -L END /tmp/answer.*)"',
  },
};
