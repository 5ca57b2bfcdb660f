import { parentOf } from '../paths/covering-tree.ts';
import { labelHolds } from '../profile/capability-label.ts';
import { type Act, type Evidence, namingActs, type Profile } from '../profile/profile.ts';
import { capabilityOfCall, capabilityOfFamily } from './capability-of-call.ts';
import type { CapabilityUse } from './capability-use.ts';
import { heldFromStart } from './held-capabilities.ts';
import { isKernelPlace } from './sensitive-places.ts';

/**
 * Which capabilities were used. No trace shows a capability: it is told from what was done, by whom, and to whose file.
 * https://man7.org/linux/man-pages/man7/capabilities.7.html
 */
export function* usedCapabilities(profile: Profile): Generator<CapabilityUse> {
  const isHeld = heldFromStart(profile);
  for (const use of possibleUses(profile)) if (couldUse(use.evidence, use.name) || isHeld(use)) yield use;
}

function* possibleUses(profile: Profile): Generator<CapabilityUse> {
  for (const { call, what, evidence } of profile.privileged) {
    const name = capabilityOfCall(call, what);
    if (name !== undefined) yield { name, subject: what, evidence };
  }
  for (const { call, from, to, evidence } of profile.credentials) {
    const name = capabilityOfCall(call, '');
    if (name !== undefined && from !== to) yield { name, subject: `${from} to ${to}`, evidence };
  }
  for (const { act, family, address, port, evidence } of profile.endpoints) {
    const isLow = act === 'bind' && family.startsWith('AF_INET') && port > 0 && port < 1024;
    if (isLow) yield { name: 'CAP_NET_BIND_SERVICE', subject: `${address} port ${port}`, evidence };
  }
  for (const [family, evidence] of Object.entries(profile.families)) {
    const name = capabilityOfFamily(family);
    if (name !== undefined) yield { name, subject: family, evidence };
  }
  for (const [path, acts] of Object.entries(profile.paths)) {
    if (isKernelPlace(path)) continue;
    for (const [act, evidence] of Object.entries(acts) as [Act, Evidence][]) {
      for (const name of capabilitiesOfAct(profile, path, act)) yield { name, subject: path, evidence };
    }
  }
}

/** `as` says by which file system uid, and with which capabilities where these are not what that uid has by itself. */
function couldUse(evidence: Evidence, name: string): boolean {
  if (evidence.as === undefined) return true;
  return evidence.as.some((label) => labelHolds(label, name.replace('CAP_', '')));
}

/** What root needs for a file that is not its own, or whose mode says no. Where nobody could look, nothing is assumed. */
function capabilitiesOfAct(profile: Profile, path: string, act: Act): string[] {
  const isReached = !ownersOf(profile, parentOf(path)).some(refusesSearching);
  return [...(isReached ? [] : ['CAP_DAC_READ_SEARCH']), ...capabilitiesAtPlace(profile, path, act)];
}

function capabilitiesAtPlace(profile: Profile, path: string, act: Act): string[] {
  if (namingActs.has(act))
    return ownersOf(profile, parentOf(path)).some(refusesWriting) ? ['CAP_DAC_OVERRIDE'] : [];
  const owners = ownersOf(profile, path);
  switch (act) {
    case 'write':
      return owners.some(refusesWriting) ? ['CAP_DAC_OVERRIDE'] : [];
    case 'read':
    case 'list':
      return owners.some(refusesReading) ? ['CAP_DAC_READ_SEARCH'] : [];
    case 'chmod':
    case 'utimes':
    case 'xattr':
      return owners.some(({ uid }) => uid !== 0) ? ['CAP_FOWNER'] : [];
    case 'chroot':
      return ['CAP_SYS_CHROOT'];
    case 'mount':
      return ['CAP_SYS_ADMIN'];
    default:
      return [];
  }
}

interface Owner {
  uid: number;
  gid: number;
  mode: number;
}

function ownersOf(profile: Profile, path: string): Owner[] {
  const facts = Object.hasOwn(profile.files, path) ? profile.files[path] : undefined;
  return (facts?.owner ?? []).map((text) => {
    const [uid = '0', gid = '0', mode = '0'] = text.split(':');
    return { uid: Number(uid), gid: Number(gid), mode: Number.parseInt(mode, 8) };
  });
}

/** Whether the mode alone stops uid 0 in group 0: https://man7.org/linux/man-pages/man7/path_resolution.7.html */
function refuses({ uid, gid, mode }: Owner, bit: number): boolean {
  const shift = uid === 0 ? 6 : gid === 0 ? 3 : 0;
  return ((mode >> shift) & bit) === 0;
}

const refusesWriting = (owner: Owner) => refuses(owner, 2);
const refusesSearching = (owner: Owner) => refuses(owner, 1);
const refusesReading = (owner: Owner) => refuses(owner, 4);
