import type { Packaged } from '../second-run.ts';

export default {
  unit: 'ssh.service',
  mostExposed: 4.2,
  level: 'relaxed',
  programs: ['/usr/sbin/sshd', 'ssh'],
  prepare: `useradd -m -s /bin/bash guest; install -d -m 700 -o guest /home/guest/.ssh; ssh-keygen -q -t ed25519 -N '' -f /root/try-key
install -m 600 -o guest /root/try-key.pub /home/guest/.ssh/authorized_keys`,
  request: 'ssh-keyscan -T 3 127.0.0.1 2>/dev/null | grep -q ssh-ed25519',
  checks: {
    login:
      'ssh -i /root/try-key -o StrictHostKeyChecking=no guest@127.0.0.1 "id -un; echo x > f; cat f" | grep guest',
    terminal:
      'ssh -tt -i /root/try-key -o StrictHostKeyChecking=no guest@127.0.0.1 "tty" </dev/null | grep /dev/pts',
    copy: 'head -c 5000000 /dev/urandom > /tmp/body; scp -q -i /root/try-key -o StrictHostKeyChecking=no /tmp/body guest@127.0.0.1:copy; cmp /tmp/body /home/guest/copy',
    'program of others':
      'ssh -i /root/try-key -o StrictHostKeyChecking=no guest@127.0.0.1 "python3 -c \'print(6*7)\'" | grep 42',
  },
} satisfies Packaged;
