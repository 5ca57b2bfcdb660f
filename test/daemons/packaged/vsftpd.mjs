// @ts-check
/** @satisfies {import('../packaged-daemon.ts').Packaged} */
export default {
  unit: 'vsftpd.service',
  needs: { '/usr/sbin/vsftpd': 'vsftpd', curl: 'curl', openssl: 'openssl', logrotate: 'logrotate' },
  prepare:
    'printf "anonymous_enable=YES\\nwrite_enable=YES\\n" >> /etc/vsftpd.conf; useradd -m -s /bin/bash -p "$(openssl passwd -6 secret)" guest; mkdir -p /srv/ftp; echo hello > /srv/ftp/hello; head -c 30000000 /dev/urandom > /srv/ftp/big',
  request: 'curl -sSf -m 5 ftp://127.0.0.1/hello | grep -q hello',
  rotation: { rules: '/etc/logrotate.d/vsftpd', log: '/var/log/vsftpd.log' },
  checks: {
    'big download': 'curl -sSf -m 20 ftp://127.0.0.1/big | cmp - /srv/ftp/big',
    login: 'echo kept > /home/guest/f; curl -sSf -m 5 ftp://guest:secret@127.0.0.1/f | grep kept',
    upload:
      'head -c 5000000 /dev/urandom > /tmp/body; curl -sSf -m 20 -T /tmp/body ftp://guest:secret@127.0.0.1/body; cmp /tmp/body /home/guest/body; test $(stat -c %U /home/guest/body) = guest',
    'many clients':
      'for i in $(seq 20); do curl -sS -m 20 ftp://127.0.0.1/hello >/tmp/answer.$i & done; wait; test -z "$(grep -L hello /tmp/answer.*)"',
  },
};
