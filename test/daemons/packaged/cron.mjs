// @ts-check
/** @satisfies {import('../packaged-daemon.ts').Packaged} */
export default {
  unit: 'cron.service',
  level: 'relaxed',
  needs: { '/usr/sbin/cron': 'cron' },
  // Without the jobs of other packages: the trace would be another one where it meets their minute (09 and 39 of each hour for php's).
  // cron sees no change within the second of the last one, so this one was long ago.
  prepare: `
    rm -f /etc/cron.d/* /var/spool/cron/crontabs/*; sed -i '/^[0-9@*]/d' /etc/crontab
    touch -d yesterday /etc/crontab /etc/cron.d /var/spool/cron/crontabs`,
  request: 'systemctl is-active -q cron; sleep 0.5',
  checks: {
    job: `rm -f /var/tmp/ran; printf '* * * * * root id > /var/tmp/ran\\n' > /etc/cron.d/try; for i in $(seq 150); do test -s /var/tmp/ran && exit 0; sleep 0.5; done; exit 1`,
  },
};
