import { covers, isBelow, parentOf } from '../../paths/covering-tree.ts';
import { namingActs } from '../../profile/acts.ts';
import { isCall, needsAny, touching } from '../behaviour.ts';
import { errnoWithout } from '../errno-without.ts';
import { notForOthersPrograms, onOff } from '../on-off.ts';

/** What is there in the private /dev: https://github.com/systemd/systemd/blob/v252/src/core/namespace.c (mount_private_dev) */
const kept = [
  '/dev/null',
  '/dev/zero',
  '/dev/full',
  '/dev/random',
  '/dev/urandom',
  '/dev/tty',
  '/dev/ptmx',
  '/dev/log',
  '/dev/fd',
  '/dev/stdin',
  '/dev/stdout',
  '/dev/stderr',
  '/dev/core',
];
const keptTrees = ['/dev/pts', '/dev/shm', '/dev/mqueue', '/dev/hugepages'];

const raw = new Set(['ioperm', 'iopl', 'pciconfig_iobase', 'pciconfig_read', 'pciconfig_write']);

/** Taken away with it. */
const gone = ['CAP_MKNOD', 'CAP_SYS_RAWIO'];

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#PrivateDevices= */
export const privateDevices = onOff({
  name: 'PrivateDevices',
  since: 209,
  about: {
    denies: 'Devices, but null, zero, full, random, urandom, tty and ptmx',
    when: 'No other device was used or made, and no raw I/O',
    rules: 'network.md#devices',
  },
  levels: notForOthersPrograms,
  reason: 'No device but the usual ones (null, zero, random, tty …) was used.',
  ownsMounts: () => true,
  refuses(behaviour, _context, view) {
    if (isCall(behaviour, raw)) return 'EPERM';
    if (needsAny(behaviour, gone)) return errnoWithout(behaviour);
    const use = touching(behaviour, ['/dev']);
    if (use === undefined) return undefined;
    const { act, path, facts } = use;
    const isKept = (name: string) => kept.includes(name) || keptTrees.some((tree) => covers(tree, name));
    if (act === 'map' && facts.real.includes('/dev/zero')) return 'EPERM';
    if (path === '/dev' || isKept(path) || facts.real.every(isKept)) return undefined;
    // Another directive may show it again.
    if (view?.mountOf(path) === path) return undefined;
    if (namingActs.has(act) && parentOf(path) === '/dev') return 'EROFS';
    // What hides behind a link in /dev (/dev/log) is somewhere else, and stays there.
    return facts.real.some((real) => isBelow(real, '/dev')) ? 'ENOENT' : undefined;
  },
});
