import { covers, parentOf } from '../paths/covering-tree.ts';
import type { Owner } from '../paths/owner.ts';
import { type Act, namingActs } from '../profile/acts.ts';
import type { Profile } from '../profile/profile.ts';
import type { CapabilityUse } from './capability-use.ts';
import { ownersOf } from './path-facts.ts';

type Asked = Pick<CapabilityUse, 'name' | 'instead' | 'errno'>;

/**
 * What root needs for a file that is not its own, or whose mode says no. Where nobody could look, nothing is assumed.
 * https://man7.org/linux/man-pages/man7/path_resolution.7.html
 */
export function askedByOwner(profile: Profile, path: string, act: Act): Asked[] {
  if (!hasOwnOwner(path)) return [];
  const isReached = !ownersOf(profile, parentOf(path)).some(refusesSearching);
  return [...(isReached ? [] : [searching]), ...atPlace(profile, path, act)];
}

/** The kernel takes either where something is only looked at. */
const searching: Asked = { name: 'CAP_DAC_READ_SEARCH', instead: ['CAP_DAC_OVERRIDE'] };
const overriding: Asked = { name: 'CAP_DAC_OVERRIDE' };
const owning: Asked = { name: 'CAP_FOWNER' };

/**
 * Who looks at a process of his own, or at `self`, sees his own: whoever wrote the facts down saw another one. What lies in /sys and
 * /proc/sys is root's.
 */
function hasOwnOwner(path: string): boolean {
  const isKernels = ['/proc', '/sys'].some((place) => covers(place, path));
  return !isKernels || /^\/proc\/\d/.test(path);
}

function atPlace(profile: Profile, path: string, act: Act): Asked[] {
  if (namingActs.has(act)) return inDirectory(profile, path, act);
  const owners = ownersOf(profile, path);
  switch (act) {
    case 'write':
      return owners.some(refusesWriting) ? [overriding] : [];
    case 'read':
    case 'list':
      return owners.some(refusesReading) ? [searching] : [];
    case 'chmod':
      return [...(owners.some(isForeign) ? [owning] : []), ...groupKept(profile, owners)];
    case 'utimes':
    case 'xattr':
    case 'no-atime':
      return owners.some(isForeign) ? [owning] : [];
    case 'lease':
      return owners.some(isForeign) ? [{ name: 'CAP_LEASE', errno: 'EACCES' }] : [];
    case 'chroot':
      return [{ name: 'CAP_SYS_CHROOT' }];
    case 'mount':
      return [{ name: 'CAP_SYS_ADMIN' }];
    default:
      return [];
  }
}

/** Names in a sticky directory are their owner's: https://man7.org/linux/man-pages/man2/unlink.2.html */
function inDirectory(profile: Profile, path: string, act: Act): Asked[] {
  const directories = ownersOf(profile, parentOf(path));
  const isKept =
    (act === 'remove' || act === 'rename-from') &&
    directories.some((directory) => isForeign(directory) && (directory.mode & 0o1000) !== 0) &&
    ownersOf(profile, path).some(isForeign);
  return [...(directories.some(refusesWriting) ? [overriding] : []), ...(isKept ? [owning] : [])];
}

/** Without CAP_FSETID the kernel takes the bit of a group that is not one's own away: https://man7.org/linux/man-pages/man2/chmod.2.html */
function groupKept({ privileged }: Profile, owners: readonly Owner[]): Asked[] {
  const isSet = privileged.some(({ call, what }) => what === 'set-ID mode' && call.includes('chmod'));
  const isOthers = owners.some(({ gid, mode }) => gid !== 0 && (mode & 0o2000) !== 0);
  return isSet && isOthers ? [{ name: 'CAP_FSETID', errno: 'the set-group-ID bit is lost' }] : [];
}

const isForeign = ({ uid }: Owner) => uid !== 0;

/** Whether the mode alone stops uid 0 in group 0. */
function refuses({ uid, gid, mode }: Owner, bit: number): boolean {
  const shift = uid === 0 ? 6 : gid === 0 ? 3 : 0;
  return ((mode >> shift) & bit) === 0;
}

const refusesWriting = (owner: Owner) => refuses(owner, 2);
const refusesSearching = (owner: Owner) => refuses(owner, 1);
const refusesReading = (owner: Owner) => refuses(owner, 4);
