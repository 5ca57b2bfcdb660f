import type { Packaged } from '../second-run.ts';

export default {
  unit: 'redis-server.service',
  mostExposed: 1.1,
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
} satisfies Packaged;
