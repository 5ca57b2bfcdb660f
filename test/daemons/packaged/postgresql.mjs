// @ts-check
/** @satisfies {import('../packaged-daemon.ts').Packaged} */
export default {
  unit: 'postgresql@15-main.service',
  needs: { pg_ctlcluster: 'postgresql', psql: 'postgresql', logrotate: 'logrotate' },
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
};
