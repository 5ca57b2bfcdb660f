import { isBelow } from '../../paths/covering-tree.ts';
import type { Profile } from '../../profile/profile.ts';
import { notForOthersPrograms, onOff } from '../on-off.ts';
import { startUid } from '../start-uid.ts';
import { sharedMemory } from '../writable-paths.ts';

const objects = ['shmget', 'semget', 'msgget', 'mq_open', 'ipc'];

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#RemoveIPC=
 *
 * What the user of the unit has left behind is removed when the unit stops: nothing is refused while it runs, and root's objects
 * stay. Only for units that start as another user, then.
 */
export const removeIpc = onOff({
  name: 'RemoveIPC',
  since: 232,
  about: {
    denies: 'Leaving System V objects and message queues behind',
    when: 'The daemon starts as another user than root, and made no such object, nor files in /dev/shm',
    rules: 'process-directives.md',
  },
  levels: notForOthersPrograms,
  reason: 'No object of inter-process communication was made that is meant to outlive the unit.',
  refuses: () => undefined,
  forbids(profile) {
    const uid = startUid(profile);
    if (uid === undefined || uid === 0) return 'it does nothing for units of root';
    return makesObjects(profile) ? 'objects of inter-process communication were made' : undefined;
  },
});

function makesObjects(profile: Profile): boolean {
  return (
    objects.some((name) => Object.hasOwn(profile.syscalls, name)) ||
    Object.keys(profile.paths).some((path) => isBelow(path, sharedMemory))
  );
}
