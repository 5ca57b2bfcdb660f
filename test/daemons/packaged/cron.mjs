// @ts-check
/** @satisfies {import('../packaged-daemon.ts').Packaged} */
export default {
  unit: 'cron.service',
  level: 'relaxed',
  needs: { '/usr/sbin/cron': 'cron' },
  request: 'systemctl is-active -q cron; sleep 0.5',
  checks: {
    job: `rm -f /var/tmp/ran; printf '* * * * * root id > /var/tmp/ran\\n' > /etc/cron.d/try; for i in $(seq 150); do test -s /var/tmp/ran && exit 0; sleep 0.5; done; exit 1`,
  },
};
