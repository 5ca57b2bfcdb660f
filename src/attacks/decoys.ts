import { readFile } from 'node:fs/promises';
import type { Machine } from '../systemd/machine.ts';
import { probeFile } from './probe-file.ts';

/** Where the attacks keep their own things in the machine; nobody but root can look into it. */
export const roomDirectory = '/.sandbox-profile-attacks';

/** The user who owns the decoys: DECOY_UID in probe/probe.h. No account has that number. */
const decoyUser = '64111';

/**
 * Another service and people, as a machine of servers has them: files, and a unit that names its directories. A fixed text of sh,
 * which may run again where it ran. What a profile tells of the rest of a machine it tells of these as well.
 */
export const otherService = `
umask 022
for directory in /etc/sudoers.d /etc/pam.d /etc/ssh /etc/cron.d /etc/cron.daily /var/spool/cron/crontabs /etc/systemd/system \\
  /run/systemd/system /usr/lib/systemd/system /etc/tmpfiles.d /run/tmpfiles.d /etc/sysctl.d /run/sysctl.d /etc/modprobe.d \\
  /etc/udev/rules.d /run/udev/rules.d /etc/dbus-1/system.d /etc/logrotate.d /etc/profile.d /etc/ld.so.conf.d /etc/ssl/certs \\
  /usr/local/bin /boot /srv/decoy /opt/decoy /mnt/decoy /etc/decoy /usr/lib/decoy /run/decoy /var/lib/decoy /var/cache/decoy \\
  /var/spool/decoy /var/backups /run/docker /run/containerd /run/libvirt /run/lock /dev/net /run/log/journal /var/tmp; do
  mkdir -p "$directory"
done
mkdir -p -m 0700 /root /root/.ssh /etc/ssl/private /run/credentials /run/credentials/decoy.service
mkdir -p -m 0711 /home/decoy /home/decoy/.ssh /run/user/${decoyUser}
for file in /etc/shadow /etc/decoy/bashrc /root/.bashrc /home/decoy/.bashrc; do [ -e "$file" ] || echo '#' >"$file"; done
for secret in /etc/ssh/ssh_host_decoy_key /etc/ssl/private/decoy.key /etc/decoy/password /root/.decoy /root/.ssh/id_decoy \\
  /var/lib/decoy/secret /var/cache/decoy/secret /var/spool/decoy/secret /run/decoy/secret /var/log/decoy.log /var/backups/decoy \\
  /srv/decoy/secret /opt/decoy/secret /mnt/decoy/secret /boot/decoy /run/credentials/decoy.service/token /home/decoy/secret \\
  /run/user/${decoyUser}/secret; do
  echo secret >"$secret"
  chmod 0600 "$secret"
done
for file in /var/lib/decoy/open /tmp/decoy /dev/shm/decoy /etc/decoy/open; do echo open >"$file"; chmod 0644 "$file"; done
chown -R ${decoyUser}:${decoyUser} /home/decoy /run/user/${decoyUser} /etc/decoy/open
cat >/usr/lib/systemd/system/decoy.service <<END
[Service]
ExecStart=/usr/lib/decoy/decoy
RuntimeDirectory=decoy
StateDirectory=decoy
CacheDirectory=decoy
END
`;

/**
 * What else there is to attack: device nodes (which lead to the host's devices: the probe opens them, and writes to none), files that
 * are the probe itself, and the processes of the other service with sockets, ports and queues. A fixed text: its arguments are the
 * room, and the probe.
 */
const furnish = `${otherService}
room=$1
cp -p "$room/probe" /usr/lib/decoy/library.so
chmod 0644 /usr/lib/decoy/library.so
cp "$room/probe" /usr/lib/decoy/decoy-set-uid
chown ${decoyUser}:${decoyUser} /usr/lib/decoy/decoy-set-uid
chmod 4755 /usr/lib/decoy/decoy-set-uid
node() { [ -e "$1" ] || mknod -m 0666 "$@" || :; }
node /dev/mem c 1 1
node /dev/kmsg c 1 11
node /dev/fuse c 10 229
node /dev/net/tun c 10 200
node /dev/decoy-tty c 4 64
disk=$(awk 'NR > 2 { print "b", $1, $2; exit }' /proc/partitions)
[ -z "$disk" ] || node /dev/decoy-disk $disk
cat >/run/systemd/system/sandbox-profile-decoys.service <<END
[Unit]
DefaultDependencies=no
[Service]
ExecStart=$room/probe
Environment=PROBE_MODE=decoys SECRET=decoy
StandardInput=null
StandardOutput=truncate:$room/decoys
StandardError=null
END
systemctl daemon-reload
systemctl start sandbox-profile-decoys.service
left=200
until [ -s "$room/decoys" ] || [ $left = 0 ]; do left=$((left - 1)); sleep 0.02; done
cat "$room/decoys"
`;

/**
 * Puts the probe and its decoys into a machine.
 * @returns the decoy processes, as the probe is told of them
 * @throws when the machine cannot be furnished
 */
export async function placeDecoys(machine: Machine): Promise<string> {
  await machine.writeFile(`${roomDirectory}/probe`, await readFile(probeFile()), 0o755);
  await machine.run(['chmod', '0700', roomDirectory]);
  const { exitCode, stdout, stderr } = await machine.run(['sh', '-euc', furnish, 'furnish', roomDirectory]);
  if (exitCode !== 0 || !/^\d+:\d+$/.test(stdout))
    throw new Error(`The machine cannot be furnished for attacks: ${stderr || stdout || exitCode}.`);
  return stdout;
}
