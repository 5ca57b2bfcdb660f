import type { Profile } from '../profile/profile.ts';
import type { Place } from '../trace/event.ts';
import type { UnitValues } from './directive.ts';
import { appended } from './unit-values.ts';

/** What a setting does that may refuse something, though no model says what. */
export interface Unmodelled {
  /** Completes "X= is not judged: …". */
  why: string;
  /** Values with which it does nothing. */
  off: readonly string[];
  /** Whether what it gave is what is missed: it counts where it is emptied. */
  gives?: boolean;
  /** Set where it changes what all other settings mean: which part of them cannot be judged beside it. */
  blurs?: 'paths' | 'user';
}

const no = ['no', 'false', 'off', '0', 'n', 'f'];
const otherTree = 'the daemon would see another file tree than the one that was traced';

/**
 * Settings of a service that can refuse a daemon something, and of which no plugin has a model, or none that says it all.
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
  SupplementaryGroups: {
    why: 'groups are taken away, and what these let it open is not known',
    off: [],
    gives: true,
  },
  PrivateBPF: { why: 'it hides the BPF file system', off: no },
  UserNamespacePath: { why: 'it takes capabilities and other users away', off: [] },
  NetworkNamespacePath: { why: 'it is about another network', off: [] },
  IPCNamespacePath: { why: 'it is about other IPC objects', off: [] },
  IPIngressFilterPath: { why: 'it drops packets', off: [] },
  IPEgressFilterPath: { why: 'it drops packets', off: [] },
  BPFProgram: { why: 'its program may refuse anything', off: [] },
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
  return Object.entries(refusing).flatMap(([key, { why, off, gives, blurs }]) => {
    if (key === 'User' && !beganAsRoot(profile)) return [];
    const assigned = unit(key);
    const last = assigned.at(-1);
    const isEmpty = appended(assigned) === undefined;
    if (last === undefined || off.includes(last.words.join(' ').toLowerCase())) return [];
    const isTaken = assigned.some(({ words }) => words.length > 0) && last.words.length === 0;
    return (gives === true ? isTaken : !isEmpty) ? [{ key, place: last.place, why, blurs }] : [];
  });
}

/** A daemon that was traced under its own user has met already what that user may not do. */
function beganAsRoot(profile: Profile): boolean {
  return profile.sources.length === 0 || profile.sources.some(({ uid }) => uid === undefined || uid === 0);
}
