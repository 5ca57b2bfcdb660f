import { isCall, needsAny, touching } from '../behaviour.ts';
import { errnoWithout } from '../errno-without.ts';
import { onOff } from '../on-off.ts';

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#ProtectKernelLogs= */
export const protectKernelLogs = onOff({
  name: 'ProtectKernelLogs',
  since: 244,
  about: {
    denies: 'syslog(2), /dev/kmsg and /proc/kmsg',
    when: 'None of these was used; the system log is another thing',
  },
  reason: "The kernel's log was neither read nor written (the system log is another thing).",
  ownsMounts: () => true,
  refuses(behaviour) {
    if (isCall(behaviour, new Set(['syslog']))) return 'EPERM';
    // /dev/kmsg becomes a node on /run, which is mounted nodev: nobody can open it, nor a daemon that logs its first lines there.
    if (touching(behaviour, ['/dev/kmsg'], opening)) return 'EACCES';
    if (touching(behaviour, ['/proc/kmsg'], opening)) return 'EACCES';
    // Taken away with it.
    return needsAny(behaviour, ['CAP_SYSLOG']) ? errnoWithout(behaviour) : undefined;
  },
});

const opening = new Set(['read', 'write'] as const);
