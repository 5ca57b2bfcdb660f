import type { Profile } from '../profile/profile.ts';
import type { Place } from '../trace/event.ts';
import type { UnitValues } from './directive.ts';
import { directives } from './registry.ts';
import { appended } from './unit-values.ts';

/** What a setting does that may refuse something, though no model says what. */
export interface Unmodelled {
  /** Completes "X= is not judged: …". */
  why: string;
  /** Values with which it does nothing. */
  off: readonly string[];
  /** Set where it changes what all other settings mean: which part of them cannot be judged beside it. */
  blurs?: 'paths' | 'user';
}

const no = ['no', 'false', 'off', '0', 'n', 'f'];
const otherTree = 'the daemon would see another file tree than the one that was traced';

/**
 * Settings of a service that can refuse a daemon something. Those that a plugin models are judged; the others are named.
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.resource-control.html
 */
const refusing: Readonly<Record<string, Unmodelled>> = {
  RootDirectory: { why: otherTree, off: ['/'], blurs: 'paths' },
  RootImage: { why: otherTree, off: [], blurs: 'paths' },
  RootMStack: { why: otherTree, off: [], blurs: 'paths' },
  ExtensionImages: { why: otherTree, off: [], blurs: 'paths' },
  ExtensionDirectories: { why: otherTree, off: [], blurs: 'paths' },
  MountImages: { why: otherTree, off: [], blurs: 'paths' },
  User: {
    why: 'what this user may not do to files of others is not known',
    off: ['root', '0'],
    blurs: 'user',
  },
  DynamicUser: {
    why: 'what a user that is made at the start may not do to files of others is not known',
    off: no,
    blurs: 'user',
  },
  ReadOnlyPaths: { why: 'it makes paths read-only', off: [] },
  InaccessiblePaths: { why: 'it hides paths', off: [] },
  TemporaryFileSystem: { why: 'it hides paths', off: [] },
  BindPaths: { why: 'it hides paths behind others', off: [] },
  BindReadOnlyPaths: { why: 'it hides paths behind others', off: [] },
  PrivateNetwork: { why: 'it takes the network away', off: no },
  PrivateUsers: { why: 'it takes capabilities and other users away', off: no },
  PrivatePIDs: { why: 'it hides other processes', off: no },
  PrivateBPF: { why: 'it hides the BPF file system', off: no },
  UserNamespacePath: { why: 'it takes capabilities and other users away', off: [] },
  NetworkNamespacePath: { why: 'it is about another network', off: [] },
  IPCNamespacePath: { why: 'it is about other IPC objects', off: [] },
  ProtectProc: { why: 'it hides processes of others', off: ['default'] },
  ProcSubset: { why: 'it hides parts of /proc', off: ['all'] },
  DevicePolicy: { why: 'it takes devices away', off: ['auto'] },
  IPAddressDeny: { why: 'it drops packets', off: [] },
  IPIngressFilterPath: { why: 'it drops packets', off: [] },
  IPEgressFilterPath: { why: 'it drops packets', off: [] },
  BPFProgram: { why: 'its program may refuse anything', off: [] },
  SocketBindDeny: { why: 'it refuses ports', off: [] },
  RestrictNetworkInterfaces: { why: 'it drops packets', off: [] },
  RestrictFileSystems: { why: 'it refuses kinds of file systems', off: [] },
  SecureBits: { why: 'it changes what root and a change of user are worth', off: [] },
  SELinuxContext: { why: 'its policy may refuse anything', off: [] },
  AppArmorProfile: { why: 'its profile may refuse anything', off: [] },
  SmackProcessLabel: { why: 'its rules may refuse anything', off: [] },
  LandlockConfig: { why: 'its rules may refuse anything', off: [] },
  Personality: { why: 'it changes what system calls do', off: [] },
};

/** A setting of a unit about which nothing is said. */
export interface NotJudged {
  key: string;
  place: Place;
  why: string;
  blurs: Unmodelled['blurs'];
}

/** Which of a unit's settings may refuse something that no plugin knows of. */
export function notJudged(unit: UnitValues, profile: Profile): NotJudged[] {
  return Object.entries(refusing).flatMap(([key, { why, off, blurs }]) => {
    const isModelled = blurs === undefined && directives.some(({ name }) => name === key);
    if (isModelled || (key === 'User' && !beganAsRoot(profile))) return [];
    const assigned = unit(key);
    const isList = appended(assigned) !== undefined;
    const last = assigned.at(-1);
    if (last === undefined || !isList || off.includes(last.words.join(' ').toLowerCase())) return [];
    return [{ key, place: last.place, why, blurs }];
  });
}

/** A daemon that was traced under its own user has met already what that user may not do. */
function beganAsRoot(profile: Profile): boolean {
  return profile.sources.length === 0 || profile.sources.some(({ uid }) => uid === undefined || uid === 0);
}
