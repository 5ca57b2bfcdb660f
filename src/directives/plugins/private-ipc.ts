import { isCall } from '../behaviour.ts';
import { notForOthersPrograms, onOff } from '../on-off.ts';

/** System V objects and POSIX message queues may be shared with other units; an object of one's own can't be told from these. */
const objects = new Set(['shmget', 'semget', 'msgget', 'mq_open', 'ipc']);

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#PrivateIPC= */
export const privateIpc = onOff({
  name: 'PrivateIPC',
  since: 248,
  about: { denies: 'System V objects and POSIX message queues of others', when: 'No such object was used' },
  levels: notForOthersPrograms,
  reason: 'No System V object and no message queue was used.',
  ownsMounts: () => true,
  refuses: (behaviour) => (isCall(behaviour, objects) ? 'ENOENT' : undefined),
});
