// @ts-check
/** @satisfies {import('../packaged-daemon.ts').Packaged} */
export default {
  unit: 'rsyslog.service',
  needs: { '/usr/sbin/rsyslogd': 'rsyslog', logrotate: 'logrotate' },
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
};
