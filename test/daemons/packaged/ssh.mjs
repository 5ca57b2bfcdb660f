// @ts-check
const ssh = 'ssh -i /root/try-key -o StrictHostKeyChecking=no';

/** @satisfies {import('../packaged-daemon.ts').Packaged} */
export default {
  unit: 'ssh.service',
  level: 'relaxed',
  needs: { '/usr/sbin/sshd': 'openssh-server', ssh: 'openssh-client', openssl: 'openssl' },
  prepare: `useradd -m -s /bin/bash -p "$(openssl passwd -6 secret)" guest
install -d -m 700 -o guest /home/guest/.ssh; ssh-keygen -q -t ed25519 -N '' -f /root/try-key
install -m 600 -o guest /root/try-key.pub /home/guest/.ssh/authorized_keys
printf '#!/bin/sh\\necho secret\\n' > /root/say-secret; chmod 700 /root/say-secret`,
  request: 'ssh-keyscan -T 3 127.0.0.1 2>/dev/null | grep -q ssh-ed25519',
  checks: {
    login: `${ssh} guest@127.0.0.1 "id -un; echo x > f; cat f" | grep guest`,
    // Of PAM, as the package sets it up.
    password: `SSH_ASKPASS=/root/say-secret SSH_ASKPASS_REQUIRE=force ssh -o StrictHostKeyChecking=no -o PreferredAuthentications=password guest@127.0.0.1 id -un | grep guest`,
    'wrong password': `printf '#!/bin/sh\\necho wrong\\n' > /root/say-wrong; chmod 700 /root/say-wrong
      SSH_ASKPASS=/root/say-wrong SSH_ASKPASS_REQUIRE=force ssh -o StrictHostKeyChecking=no -o NumberOfPasswordPrompts=1 -o PreferredAuthentications=password guest@127.0.0.1 id -un 2>&1 | grep 'Permission denied'`,
    terminal: `${ssh} -tt guest@127.0.0.1 "tty" </dev/null | grep /dev/pts`,
    'big upload':
      'head -c 5000000 /dev/urandom > /tmp/body; scp -q -i /root/try-key -o StrictHostKeyChecking=no /tmp/body guest@127.0.0.1:copy; cmp /tmp/body /home/guest/copy',
    'big download': `head -c 30000000 /dev/urandom > /home/guest/big; ${ssh} guest@127.0.0.1 "cat big" | cmp - /home/guest/big`,
    // No more than MaxStartups lets through for certain.
    'many clients': `for i in $(seq 10); do ${ssh} guest@127.0.0.1 "sleep 0.5; id -un" >/tmp/answer.$i & done; wait; test -z "$(grep -L guest /tmp/answer.*)"`,
    'program of others': `${ssh} guest@127.0.0.1 "python3 -c 'print(6*7)'" | grep 42`,
  },
};
