import { apiFileSystems } from '../api-file-systems.ts';
import { onOff } from '../on-off.ts';

/** By itself; measured: 252 does not, 257 does. */
const sinceOwn = 257;

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#MountAPIVFS=
 *
 * Gives a file system that begins empty its /proc, /sys and /dev.
 */
export const mountApiVfs = onOff({
  name: 'MountAPIVFS',
  since: 233,
  about: {
    denies: 'Nothing: it makes /proc, /sys and /dev',
    when: 'Only with --confine',
    rules: 'places.md',
  },
  levels: ['minimal', 'balanced'],
  reason: 'A file system that begins empty has no /proc, /sys and /dev.',
  mounts: (_value, context) => [
    ...['/proc', '/sys', '/dev'].map((path) => ({
      flag: 'bind' as const,
      path,
      source: path,
      readOnly: false,
      by: 'MountAPIVFS',
    })),
    ...apiFileSystems('MountAPIVFS', context),
  ],
  ownsMounts: ({ systemd }) => systemd >= sinceOwn,
  refuses: () => undefined,
  forbids: (_profile, context) => (context.confine ? undefined : 'only with --confine'),
});
