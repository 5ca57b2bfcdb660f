import { covers, isBelow, nameOf } from '../paths/covering-tree.ts';
import type { Behaviour, PathBehaviour } from './behaviour.ts';

/**
 * Device nodes, and who may open them under DevicePolicy=: the kernel asks for type and number, we have the name.
 * https://docs.kernel.org/admin-guide/cgroup-v2.html#device-controller
 */

/** What DevicePolicy=closed lets everybody use: https://www.freedesktop.org/software/systemd/man/latest/systemd.resource-control.html#DevicePolicy=auto|closed|strict */
const pseudoDevices = ['null', 'zero', 'full', 'random', 'urandom', 'tty', 'ptmx'];

/** What lies here is no device node: a log socket, links to open files, file systems of memory, of queues, of huge pages. */
const otherThings = [
  '/dev/log',
  '/dev/fd',
  '/dev/stdin',
  '/dev/stdout',
  '/dev/stderr',
  '/dev/core',
  '/dev/initctl',
];
const otherTrees = ['/dev/shm', '/dev/mqueue', '/dev/hugepages', '/dev/fd'];

/** Names that the kernel gives to its devices: https://docs.kernel.org/admin-guide/devices.html */
const kernelNames = [
  /^(?:mem|port|kmsg|kvm|fuse|cuse|console|ppp|rfkill|hpet|nvram|hwrng|uinput|uhid|userio|autofs|snapshot|kfd|rtc|vsock)$/,
  /^(?:loop-control|btrfs-control|mapper\/control|cpu_dma_latency|vhost-net|vhost-vsock|watchdog|net\/tun|vfio\/vfio)$/,
  /^(?:tty|ttyS|ttyUSB|ttyACM|ttyAMA|hvc|vcs|vcsa|rtc|watchdog|ptp|pps|tpm|tpmrm|lp|parport|fb|uio|video|media|hidraw)\d+$/,
  /^(?:i2c-|gpiochip|loop|md|dm-|nbd|zram|ram|sr|sg|st|nst|mei|ipmi|mtd|mtdblock)\d+$/,
  /^(?:sd|hd|vd|xvd)[a-z]{1,3}\d*$/,
  /^nvme\d+(?:n\d+(?:p\d+)?)?$/,
  /^mmcblk\d+(?:p\d+)?$/,
  /^spidev\d+\.\d+$/,
  /^cpu\/\d+\/(?:msr|cpuid)$/,
  /^(?:dri\/(?:card|renderD)|input\/(?:event|mouse|js)|vfio\/|bsg\/)\d+$/,
  /^input\/mice$/,
  /^snd\/(?:timer|seq|control(?:C\d+)|(?:pcm|midi|hw)C\d+D\d+[cp]?)$/,
  /^bus\/usb\/\d+\/\d+$/,
];

/** A use of a device: `r`ead, `w`rite or `m`ake the node. */
export interface DeviceUse {
  letter: string;
  use: PathBehaviour;
  /** Whether DevicePolicy=closed lets it through by itself. */
  isPseudo: boolean;
}

/** The use that a behaviour makes of a device; `unknown` where nobody knows whether it is one, or which. */
export function deviceUse(behaviour: Behaviour): DeviceUse | undefined | 'unknown' {
  if (behaviour.kind !== 'path') return undefined;
  const letter = letterOf(behaviour);
  if (letter === undefined) return undefined;
  const { path, facts } = behaviour;
  const names = [path, ...facts.real];
  if (names.some(isOther)) return undefined;
  const found = { letter, use: behaviour, isPseudo: names.some(isPseudoName) };
  const isDevice = facts.kind.some((kind) => kind === 'character' || kind === 'block');
  const isUnseen = facts.kind.every((kind) => kind === 'missing');
  if (!isDevice && !isUnseen) return undefined;
  if (isBelow(path, '/dev'))
    return isDevice || found.isPseudo || names.some(isKernelName) ? found : 'unknown';
  // A copy of a node in another tree (chroot) is called as the kernel calls it.
  if (isDevice && pseudoDevices.includes(nameOf(path))) return { ...found, isPseudo: true };
  return isDevice || letter === 'm' ? 'unknown' : undefined;
}

/** Opening asks for what the open file may do; of what makes names mknod(2) alone makes a device. */
function letterOf({ act, evidence }: PathBehaviour): string | undefined {
  if (act === 'read' || act === 'map') return 'r';
  if (act === 'write') return 'w';
  return act === 'make-node' && evidence.call.startsWith('mknod') ? 'm' : undefined;
}

function isOther(path: string): boolean {
  return otherThings.includes(path) || otherTrees.some((tree) => covers(tree, path));
}

function isPseudoName(path: string): boolean {
  return isBelow(path, '/dev/pts') || pseudoDevices.some((name) => path === `/dev/${name}`);
}

function isKernelName(path: string): boolean {
  return isBelow(path, '/dev') && kernelNames.some((name) => name.test(path.slice('/dev/'.length)));
}
