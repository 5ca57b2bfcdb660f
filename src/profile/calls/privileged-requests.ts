import type { Syscall, Value } from '../../trace/event.ts';
import { elements, field, flagsOf, numberOf } from '../../trace/values.ts';
import type { Observation } from '../observation.ts';
import type { Task } from '../task.ts';

/**
 * Requests of ioctl(2) for some of which the kernel asks for a capability, by how their names begin: changes to network interfaces,
 * terminals, consoles, clocks, disks, file systems, tunnels, and to what the random number generator counts. Those that only look are
 * left out. https://man7.org/linux/man-pages/man7/netdevice.7.html, ioctl_tty(2), ioctl_console(2), include/uapi/linux/fs.h
 */
const beginnings = new RegExp(
  `^(?:${[
    'SIOC(?:S|ADD|DEL|D(?:ARP|RARP|IFADDR)|ETHTOOL|BOND|BR|GMII|GIWENCODE)',
    'TIOC(?:STI|CONS|VHANGUP|LINUX|SSERIAL|SLCKTRMIOS)',
    'KD(?!GET|GK)|PIO_|VT_(?!GET|OPENQRY)',
    'RTC_\\w*SET|RTC_PIE_ON',
    'RND(?!GET)',
    'FS_IOC_SETFSLABEL|FS_IOC_REMOVE_ENCRYPTION_KEY_ALL|FIBMAP|FIFREEZE|FITHAW|FITRIM',
    'BTRFS_IOC_(?!CLONE|SYNC|START_SYNC|WAIT_SYNC|GET|DEV_INFO|FS_INFO|SPACE_INFO|SUBVOL|FILE_EXTENT)',
    'BLK(?:RRPART|PG|ROSET|FLSBUF|RASET|FRASET|BSZSET|SECTSET|TRACE)',
    'DM_(?!VERSION)|NBD_|[A-Z]+_ARRAY(?:_R[OW])?$|NVME_IOCTL_|HDIO_(?:DRIVE|SET)|SG_IO|SG_SCSI_RESET',
    'TUNSETIFF|HCI(?!GET|INQUIRY)|AUTOFS_DEV_IOCTL_|UBI_IOC|MTRRIOC_(?!GET)',
  ].join('|')})`,
);

export function isPrivilegedRequest(request: string): boolean {
  return beginnings.test(request);
}

/** Requests that change the attributes of a file, as chattr does: https://man7.org/linux/man-pages/man2/ioctl_iflags.2.html */
const attributesOf: Readonly<Record<string, 'read' | 'set'>> = {
  FS_IOC_GETFLAGS: 'read',
  FS_IOC_FSGETXATTR: 'read',
  FS_IOC_SETFLAGS: 'set',
  FS_IOC_FSSETXATTR: 'set',
  FS_IOC_SETVERSION: 'set',
};

export function isAboutAttributes(request: string): boolean {
  return Object.hasOwn(attributesOf, request);
}

/** What is not to be changed, or only at its end, is so for everybody: to say so, or to take it back, asks for a capability. */
export function attributeRequest(call: Syscall, request: string, task: Task, observation: Observation): void {
  const path = observation.openPath(call, task, call.args[0]);
  const fixes = isFixed(call.args[2]);
  const wasFixed = path !== undefined && observation.fixedFiles.has(path);
  if (attributesOf[request] === 'set') {
    // Refused on a read-only mount, and to who does not own the file, like a change of any other attribute.
    observation.act(call, task, path, 'xattr');
    if (request !== 'FS_IOC_SETVERSION' && fixes !== wasFixed)
      observation.recorder.privileged('immutable or append-only', call, task.credentials.label);
  }
  if (path === undefined || request === 'FS_IOC_SETVERSION') return;
  if (!fixes) observation.fixedFiles.delete(path);
  else if (observation.fixedFiles.size < mostFixed) observation.fixedFiles.add(path);
}

const mostFixed = 4096;

/** `[FS_IMMUTABLE_FL|FS_EXTENT_FL]`, `{fsx_xflags=FS_XFLAG_APPEND, …}`; include/uapi/linux/fs.h has the bits, the same in both. */
function isFixed(value: Value | undefined): boolean {
  const given = field(value, 'fsx_xflags') ?? elements(value)[0];
  const names = flagsOf(given);
  if ([...names].some((name) => /^FS_(?:XFLAG_)?(?:IMMUTABLE|APPEND)/.test(name))) return true;
  const bits = field(value, 'fsx_xflags') === undefined ? 0x30 : 0x18;
  return ((numberOf(given) ?? 0) & bits) !== 0;
}
