// @ts-check
/** @satisfies {import('../packaged-daemon.ts').Packaged} */
export default {
  unit: 'redis-server.service',
  needs: { '/usr/bin/redis-server': 'redis-server', 'redis-cli': 'redis-tools', logrotate: 'logrotate' },
  request: 'redis-cli incr visits | grep -qE "^[0-9]+$"',
  rotation: {
    rules: '/etc/logrotate.d/redis-server',
    log: '/var/log/redis/redis-server.log',
    writes: 'redis-cli save',
  },
  checks: {
    'big value':
      'head -c 15000000 /dev/urandom | base64 -w0 > /tmp/big; redis-cli -x set big < /tmp/big | grep OK; redis-cli --raw get big | cmp -n $(stat -c %s /tmp/big) - /tmp/big',
    save: `redis-cli save | grep OK; redis-cli bgsave
      for i in $(seq 50); do redis-cli info persistence | grep -q rdb_bgsave_in_progress:0 && break; sleep 0.1; done
      redis-cli info persistence | grep rdb_last_bgsave_status:ok`,
    persistence:
      'redis-cli set kept yes; systemctl restart redis-server; for i in $(seq 50); do redis-cli get kept | grep yes && exit 0; sleep 0.1; done; exit 1',
    'append only': `redis-cli config set appendonly yes | grep OK; redis-cli bgrewriteaof
      for i in $(seq 50); do redis-cli info persistence | grep -q aof_rewrite_in_progress:0 && break; sleep 0.1; done
      redis-cli info persistence | grep aof_last_bgrewrite_status:ok; redis-cli set a b`,
    'many clients': 'redis-benchmark -q -n 5000 -c 100 -t set,get >/dev/null',
  },
};
