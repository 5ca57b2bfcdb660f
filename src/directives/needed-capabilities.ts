import { parentOf } from '../paths/covering-tree.ts';
import { type Act, changingActs, type Evidence, namingActs, type Profile } from '../profile/profile.ts';
import { authenticatesPeople } from './authentication.ts';
import { capabilityOfCall, capabilityOfFamily } from './capability-of-call.ts';
import type { Context } from './context.ts';
import type { Grant, Witness } from './directive.ts';
import { isKernelPlace } from './sensitive-places.ts';

/**
 * Which capabilities a daemon used. No trace shows a capability: it is told from what was done, by whom, and to whose file.
 * https://man7.org/linux/man-pages/man7/capabilities.7.html
 */
export function neededCapabilities(profile: Profile, context: Context): Grant[] {
  const needs = new Needs();
  for (const { call, what, evidence } of profile.privileged) {
    const name = capabilityOfCall(call, what);
    if (name !== undefined) needs.add(name, evidence, what);
  }
  for (const { call, from, to, evidence } of profile.credentials) {
    const name = capabilityOfCall(call, '');
    if (name !== undefined && from !== to) needs.add(name, evidence, `${from} to ${to}`);
  }
  for (const { act, family, address, port, evidence } of profile.endpoints) {
    const isLow = act === 'bind' && family.startsWith('AF_INET') && port > 0 && port < 1024;
    if (isLow) needs.add('CAP_NET_BIND_SERVICE', evidence, `${address} port ${port}`);
  }
  for (const [family, evidence] of Object.entries(profile.families)) {
    const name = capabilityOfFamily(family);
    if (name !== undefined) needs.add(name, evidence, family);
  }
  for (const [path, acts] of Object.entries(profile.paths)) {
    if (isKernelPlace(path)) continue;
    for (const [act, evidence] of Object.entries(acts) as [Act, Evidence][]) {
      for (const name of capabilitiesOfAct(profile, path, act)) needs.add(name, evidence, path);
    }
  }
  if (context.level !== 'minimal') widen(profile, needs);
  return needs.grants();
}

class Needs {
  readonly #grants = new Map<string, Grant>();

  /** Only what was done with the capability at hand can have needed it. */
  add(name: string, evidence: Evidence, subject: string): void {
    if (!couldUse(evidence, name)) return;
    const seen: Witness = { call: evidence.call, subject, first: evidence.first, count: evidence.count };
    const known = this.#grants.get(name);
    if (known !== undefined) known.witnesses.push(seen);
    else this.#grants.set(name, { value: name, witnesses: [seen], reason: 'used', review: reviewOf(name) });
  }

  state(name: string, reason: string): void {
    if (!this.#grants.has(name)) {
      this.#grants.set(name, { value: name, witnesses: [], reason, review: reviewOf(name) });
    }
  }

  has(name: string): boolean {
    return this.#grants.has(name);
  }

  grants(): Grant[] {
    return [...this.#grants.values()].sort((a, b) => (a.value < b.value ? -1 : 1));
  }
}

/** `as` says by which file system uid, and with which capabilities where these are not what that uid has by itself. */
function couldUse(evidence: Evidence, name: string): boolean {
  if (evidence.as === undefined) return true;
  const short = name.replace('CAP_', '');
  return evidence.as.some((label) => {
    const [uid, ...rest] = label.split(' ');
    const capabilities = rest.join(' ');
    if (capabilities === '') return uid === '0' || uid === '?';
    return capabilities === 'all' || capabilities.split(',').includes(short);
  });
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

/**
 * What another run of a daemon needs that starts as root and becomes somebody else: it signals its workers, and a log that was
 * rotated belongs to whom the rotation says, so that it opens another's file and gives it away.
 */
function widen(profile: Profile, needs: Needs): void {
  if (needs.has('CAP_SETUID')) {
    needs.state('CAP_SETGID', 'a change of user comes with a change of groups');
    needs.state('CAP_KILL', 'a master that stays root signals workers of another user');
    if (changesBelow(profile, '/var/log/')) {
      needs.state('CAP_CHOWN', 'logs that were rotated are given to the user it becomes');
      needs.state('CAP_DAC_OVERRIDE', 'logs that were rotated may belong to another user');
    }
  }
  if (needs.has('CAP_CHOWN')) {
    needs.state('CAP_FOWNER', 'what it gave away it may have to change again');
    needs.state('CAP_DAC_OVERRIDE', 'what it gave away it may have to open again');
  }
  if (authenticatesPeople(profile)) {
    for (const name of [
      'CAP_SETUID',
      'CAP_SETGID',
      'CAP_AUDIT_WRITE',
      'CAP_DAC_READ_SEARCH',
      'CAP_CHOWN',
      'CAP_FOWNER',
    ]) {
      needs.state(name, 'a login needs it, and none may have been traced');
    }
  }
}

function changesBelow(profile: Profile, directory: string): boolean {
  return Object.entries(profile.paths).some(
    ([path, acts]) =>
      path.startsWith(directory) && Object.keys(acts).some((act) => changingActs.has(act as Act)),
  );
}

/** Capabilities that are as good as root. */
const powerful: ReadonlySet<string> = new Set([
  'CAP_SYS_ADMIN',
  'CAP_SYS_MODULE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_PTRACE',
  'CAP_SYS_BOOT',
  'CAP_BPF',
  'CAP_SETFCAP',
  'CAP_MAC_ADMIN',
  'CAP_MAC_OVERRIDE',
]);

function reviewOf(name: string): string | undefined {
  return powerful.has(name) ? 'a capability that is nearly as good as being root' : undefined;
}
