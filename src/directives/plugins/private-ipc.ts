import { isCallBeside } from '../behaviour.ts';
import { notForOthersPrograms, onOff } from '../on-off.ts';

/** System V objects and POSIX message queues that others may have made, or may look for. */
const objects = new Set(['shmget', 'semget', 'msgget', 'mq_open', 'ipc']);

/** Classes of calls for an object without a key, which are its own. */
const ownObjects = new Set(['IPC_PRIVATE', 'SHM_HUGETLB']);

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#PrivateIPC=
 *
 * An object without a key (IPC_PRIVATE) is its own and works, but its number may be told to somebody in another unit: so any
 * object at all speaks against the directive.
 */
export const privateIpc = onOff({
  name: 'PrivateIPC',
  since: 248,
  about: { denies: 'System V objects and POSIX message queues of others', when: 'No such object was used' },
  levels: notForOthersPrograms,
  reason: 'No System V object and no message queue was used.',
  ownsMounts: () => true,
  observes: [...objects],
  refuses: (behaviour) => (isCallBeside(behaviour, objects, ownObjects) ? 'ENOENT' : undefined),
  forbids: (profile) =>
    [...objects].some((name) => Object.hasOwn(profile.syscalls, name))
      ? 'it used objects of inter-process communication, and others may share them'
      : undefined,
});
